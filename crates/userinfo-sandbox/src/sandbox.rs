//! The sandbox: one world of people, told in each vendor's dialect.

use std::{
    collections::VecDeque,
    fmt,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, SystemTime},
};

use bytes::Bytes;
use http::{HeaderName, Request, Response, StatusCode, header::CONTENT_TYPE};

use crate::{
    Fault, Script, Vendor, WireFault,
    answer::{Answer, Outcome, header_value},
    call::Call,
    control,
    dialect::Dialect,
    directory::Directory,
    journal::Entry,
    json::Encoder,
    moment::Moment,
    people::Person,
    refusal,
    script::{Playing, Target},
    seal::seal,
    seed, twist,
};

/// How many calls the journal remembers.
const JOURNAL: usize = 10_000;
/// The request header that plays a fault.
const FAULT_HEADER: &str = "sandbox-fault";

type Clock = Box<dyn Fn() -> SystemTime + Send + Sync>;

/// The simulated vendors: no port, no clock and no randomness of their own.
pub struct Sandbox {
    directory: Directory,
    clock: Option<Clock>,
    traces: AtomicU64,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    queue: VecDeque<Fault>,
    rules: Vec<Playing>,
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
            directory: Directory::new(seed::people()),
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
        self.directory = Directory::new(people);
        self
    }

    /// The people.
    #[must_use]
    pub fn people(&self) -> &[Person] {
        self.directory.people()
    }

    /// The person of this key.
    #[must_use]
    pub fn person(&self, key: &str) -> Option<&Person> {
        self.people().iter().find(|it| it.key == key)
    }

    /// Answers one request. A fault below HTTP rides in the extensions, as a [`WireFault`].
    #[must_use]
    pub fn handle(&self, request: &Request<Bytes>) -> Response<Bytes> {
        if let Some(answer) = control::answer(self, request) {
            let bytes = answer.bytes(Encoder::Plain);
            return response(answer, bytes);
        }
        let now =
            self.clock.as_ref().map_or(Moment::from_millis(Self::NOW_MILLIS), |it| Moment::from_clock(it()));
        let Some(call) = Call::new(request, now, &self.directory) else {
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

    /// Makes the next call go wrong; more faults queue up behind.
    pub fn fail_next(&self, fault: Fault) {
        self.state().queue.push_back(fault);
    }

    /// Plays a script in place of the one before.
    pub fn play(&self, script: Script) {
        self.state().rules = script.rules.into_iter().map(Playing::new).collect();
    }

    /// Forgets the script and the queue.
    pub fn clear_faults(&self) {
        let mut state = self.state();
        state.queue.clear();
        state.rules.clear();
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
            None => self.scripted_fault(call),
        };
        fault.as_ref().map_or(Ok(()), |it| twist::check(it, call.vendor))?;
        Ok(fault)
    }

    fn scripted_fault(&self, call: &Call<'_>) -> Option<Fault> {
        let mut state = self.state();
        if let Some(fault) = state.queue.pop_front() {
            return Some(fault);
        }
        if state.rules.is_empty() {
            return None;
        }
        let meant = call.person_meant();
        let id = meant.map(|it| Dialect::id_text(call.vendor, it));
        let target = Target {
            vendor: call.vendor,
            asked: call.asked(),
            key: meant.map(|it| it.key.as_str()),
            id: id.as_deref(),
        };
        state.rules.iter_mut().find_map(|it| it.next(target))
    }

    fn answer(&self, call: &Call<'_>, fault: Option<&Fault>) -> Response<Bytes> {
        let dialect = Dialect::of(call.vendor);
        let mut answer =
            fault.and_then(|it| refusal::answer(it, call)).unwrap_or_else(|| match (dialect.outcome)(call) {
                Outcome::Found(person) => twist::found(call, person, fault),
                Outcome::Refused(answer) => answer,
            });
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

fn outside() -> Answer {
    let mounts: Vec<_> = Vendor::ALL.iter().map(|it| it.mount()).collect();
    Answer::text(404, format!("sandbox: nothing here; the vendors are mounted at {}\n", mounts.join(", ")))
}

fn response(answer: Answer, bytes: Vec<u8>) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(bytes));
    *response.status_mut() = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    if let Some(content_type) = &answer.content_type {
        headers.insert(CONTENT_TYPE, header_value(content_type));
    }
    for (name, value) in answer.headers {
        headers.append(name, header_value(&value));
    }
    for (name, value) in answer.more_headers {
        if let Ok(name) = HeaderName::try_from(name) {
            headers.insert(name, header_value(&value));
        }
    }
    response
}

const fn wire_fault(fault: &Fault) -> Option<WireFault> {
    Some(match fault {
        Fault::Refused => WireFault::Refused,
        Fault::Reset => WireFault::Reset,
        Fault::Stall => WireFault::Stall,
        Fault::StallBody => WireFault::StallBody,
        Fault::Truncated => WireFault::Truncated,
        Fault::Slow { pause_ms: Some(millis) } => WireFault::Slow { pause: Duration::from_millis(*millis) },
        Fault::Slow { pause_ms: None } => WireFault::Slow { pause: Duration::from_millis(100) },
        Fault::DropIdle => WireFault::DropIdle,
        _ => return None,
    })
}
