//! The sandbox: one world of people, told in each vendor's dialect.

use std::{
    collections::VecDeque,
    fmt,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::SystemTime,
};

use bytes::Bytes;
use http::{HeaderValue, Request, Response, header::DATE};

use crate::{
    Fault, Operation, Script, Vendor, anqicms_login,
    answer::{Answer, Outcome, header_value},
    call::Call,
    control,
    dialect::Dialect,
    directory::Directory,
    journal::Entry,
    json::Encoder,
    moment::Moment,
    people::Person,
    plan::Plan,
    refusal,
    response::{response, wire_fault},
    route::Route,
    seal::seal,
    seed, token_call, twist,
    world::World,
};

/// How many calls the journal remembers.
const JOURNAL: usize = 10_000;
/// The request header that plays a fault.
const FAULT_HEADER: &str = "sandbox-fault";

type Clock = Box<dyn Fn() -> SystemTime + Send + Sync>;

/// The simulated vendors: no port, no clock and no randomness of their own.
pub struct Sandbox {
    pub(crate) world: World,
    clock: Option<Clock>,
    traces: AtomicU64,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    plan: Plan,
    journal: VecDeque<Entry>,
}

impl Sandbox {
    /// The time at which the clock stands unless told otherwise.
    pub const NOW: &str = "2024-01-10T04:12:12Z";
    const NOW_MILLIS: i64 = 1_704_859_932_000;

    /// A sandbox of the five seeded people, whose clock stands at [`Sandbox::NOW`].
    #[must_use]
    pub fn new() -> Self {
        Self {
            world: World::new(seed::people()),
            clock: None,
            traces: AtomicU64::new(0),
            state: Mutex::default(),
        }
    }

    /// Lets the clock run as told: `with_clock(SystemTime::now)`.
    #[must_use]
    pub fn with_clock(mut self, clock: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        self.clock = Some(Box::new(clock));
        self
    }

    /// Puts these people in place of the seeded ones.
    #[must_use]
    pub fn with_people(mut self, people: Vec<Person>) -> Self {
        self.world.directory = Directory::new(people);
        self
    }

    /// The people.
    #[must_use]
    pub fn people(&self) -> &[Person] {
        self.world.directory.people()
    }

    /// The person of this key.
    #[must_use]
    pub fn person(&self, key: &str) -> Option<&Person> {
        self.world.directory.by_key(key)
    }

    /// Answers one request. A fault below HTTP rides in the extensions, as a [`WireFault`](crate::WireFault).
    ///
    /// Each answer has a `Date`, by the clock of the sandbox, unless a fault gave it another.
    #[must_use]
    pub fn handle(&self, request: &Request<Bytes>) -> Response<Bytes> {
        let mut response = self.respond(request);
        response.headers_mut().entry(DATE).or_insert_with(|| self.date());
        response
    }

    /// Makes the next call of any operation go wrong; more faults queue up behind.
    pub fn fail_next(&self, fault: Fault) {
        self.state().plan.push(Operation::ALL.to_vec(), fault);
    }

    /// Makes the next call of this operation go wrong; calls of other operations pass by.
    pub fn fail_next_at(&self, operation: Operation, fault: Fault) {
        self.state().plan.push(vec![operation], fault);
    }

    /// Makes the next call go wrong that asks for a token: a login, or `applyToken`.
    pub fn fail_next_login(&self, fault: Fault) {
        let operations = Operation::ALL.into_iter().filter(|it| it.gives_token());
        self.state().plan.push(operations.collect(), fault);
    }

    /// Plays a script in place of the one before.
    pub fn play(&self, script: Script) {
        self.state().plan.play(script);
    }

    /// Forgets the script and the queue.
    pub fn clear_faults(&self) {
        self.state().plan.clear();
    }

    /// What was asked so far, oldest first; at most the last 10 000 calls.
    #[must_use]
    pub fn journal(&self) -> Vec<Entry> {
        self.state().journal.iter().cloned().collect()
    }

    /// Empties the journal.
    pub fn clear_journal(&self) {
        self.state().journal.clear();
    }

    pub(crate) fn now(&self) -> Moment {
        self.clock.as_ref().map_or(Moment::from_millis(Self::NOW_MILLIS), |it| Moment::from_clock(it()))
    }

    /// What the header `Date` says now.
    pub(crate) fn date(&self) -> HeaderValue {
        header_value(&self.now().http_date())
    }

    fn respond(&self, request: &Request<Bytes>) -> Response<Bytes> {
        if let Some(answer) = control::answer(self, request) {
            let bytes = answer.bytes(Encoder::Plain);
            return response(answer, bytes);
        }
        let Some(call) = Call::new(request, self.now(), &self.world) else {
            let answer = outside();
            let bytes = answer.bytes(Encoder::Plain);
            self.note(Entry::new(request, None, answer.status, None));
            return response(answer, bytes);
        };
        let (response, fault) = match self.next_fault(&call) {
            Ok(fault) => (self.answer(&call, fault.as_ref()), fault),
            Err(reason) => {
                let answer = Answer::text(400, reason);
                let bytes = answer.bytes(Encoder::Plain);
                (response(answer, bytes), None)
            }
        };
        self.note(Entry::new(request, Some(&call), response.status().as_u16(), fault.as_ref()));
        response
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn note(&self, entry: Entry) {
        let mut state = self.state();
        if state.journal.len() == JOURNAL {
            state.journal.pop_front();
        }
        state.journal.push_back(entry);
    }

    /// The fault of this call: the header's, else the queue's, else the script's.
    fn next_fault(&self, call: &Call<'_>) -> Result<Option<Fault>, String> {
        let fault = match call.headers.get(FAULT_HEADER) {
            Some(value) => {
                let text = String::from_utf8_lossy(value.as_bytes());
                Some(text.parse::<Fault>().map_err(|it| format!("sandbox: {it}\n"))?)
            }
            None => self.state().plan.next(call),
        };
        fault.as_ref().map_or(Ok(()), |it| twist::check(it, call))?;
        Ok(fault)
    }

    fn answer(&self, call: &Call<'_>, fault: Option<&Fault>) -> Response<Bytes> {
        let dialect = Dialect::of(call.vendor);
        let mut answer = fault.and_then(|it| refusal::answer(it, call)).unwrap_or_else(|| own(call, fault));
        if call.vendor == Vendor::AnqiCms
            && let Some(token) = anqicms_login::renew(call, &answer)
        {
            answer.headers.push(("update-token", token));
        }
        let bytes = answer.bytes(dialect.encoder);
        let mut bytes = twist::change_bytes(bytes, fault, &mut answer);
        if call.vendor == Vendor::AlipayPlus {
            let trace = self.traces.fetch_add(1, Ordering::Relaxed) + 1;
            answer.headers.push(("trace-id", format!("{trace:032x}")));
            if answer.signed {
                answer.headers.extend(seal(call, &mut bytes, fault));
            }
        }
        let bytes = twist::encode(bytes, fault, &mut answer);
        let mut response = response(answer, bytes);
        if let Some(wire) = fault.and_then(wire_fault) {
            response.extensions_mut().insert(wire);
        }
        response
    }
}

impl Default for Sandbox {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Sandbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let keys: Vec<_> = self.people().iter().map(|it| it.key.as_str()).collect();
        f.debug_struct("Sandbox").field("people", &keys).finish_non_exhaustive()
    }
}

/// The vendor's own answer to the call.
fn own(call: &Call<'_>, fault: Option<&Fault>) -> Answer {
    if call.operation != Operation::User {
        return twist::granted(token_call::answer(call), fault);
    }
    match (Dialect::of(call.vendor).outcome)(call) {
        Outcome::Found(person) => twist::found(call, person, fault),
        Outcome::Refused(answer) => answer,
    }
}

fn outside() -> Answer {
    let mounts = Route::mounts().join(", ");
    Answer::text(404, format!("sandbox: nothing here; the vendors are mounted at {mounts}\n"))
}
