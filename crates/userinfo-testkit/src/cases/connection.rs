//! No whole answer arrives.

use std::sync::Arc;

use tokio::net::TcpSocket;
use userinfo_core::{ErrorKind, Retry};
use userinfo_http::{HttpConfig, ReqwestTransport};
use userinfo_sandbox::Fault;

use crate::{
    Subject, Wire,
    ask::{self, EVERYTHING},
    transports::Recorder,
};

/// The sandbox takes no connection.
pub async fn no_connection_is_transport(subject: &dyn Subject, wire: &Wire) {
    ask::fails(subject, wire, Fault::Refused, ErrorKind::Transport).await;
}

/// Nobody listens on the port.
pub async fn a_connection_refused_by_the_system_is_transport(subject: &dyn Subject, wire: &Wire) {
    // A socket that is bound and does not listen keeps the port from everybody else.
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.bind(([127, 0, 0, 1], 0).into()).expect("a free port");
    let address = socket.local_addr().expect("the socket is bound");
    let base_url = format!("http://{address}{}", wire.mount()).parse().expect("a URL of loopback");
    let real = ReqwestTransport::new(&HttpConfig::default()).expect("the default settings work");
    let recorder = Recorder::new(Arc::new(real));
    let provider = subject.provider(&wire.to(base_url).through(|_| Arc::clone(&recorder) as _));
    let error =
        ask::no_user(provider.user(&subject.lookup(ask::person(wire, EVERYTHING))).await, "nobody listens");
    let stated = ask::tries(subject, Retry::Backoff);
    assert_eq!((error.kind(), error.retry()), (ErrorKind::Transport, stated.retry), "{error:?}");
    assert_eq!(recorder.sent(), stated.requests, "requests where nobody listens");
}

/// The connection breaks within the head of the answer.
pub async fn a_reset_is_transport(subject: &dyn Subject, wire: &Wire) {
    ask::fails(subject, wire, Fault::Reset, ErrorKind::Transport).await;
}

/// The connection ends before the body does.
pub async fn a_truncated_body_is_transport(subject: &dyn Subject, wire: &Wire) {
    ask::fails(subject, wire, Fault::Truncated, ErrorKind::Transport).await;
}

/// The vendor takes the request and is silent.
pub async fn no_answer_is_timeout(subject: &dyn Subject, wire: &Wire) {
    ask::fails(subject, wire, Fault::Stall, ErrorKind::Timeout).await;
}

/// The vendor falls silent within the body.
pub async fn half_an_answer_is_timeout(subject: &dyn Subject, wire: &Wire) {
    ask::fails(subject, wire, Fault::StallBody, ErrorKind::Timeout).await;
}

/// A kept connection that died is replaced without the caller noticing, nor a layer.
pub async fn a_dead_idle_connection_is_no_failure(subject: &dyn Subject, wire: &Wire) {
    let recorder = Recorder::new(wire.transport());
    let provider = subject.provider(&wire.through(|_| Arc::clone(&recorder) as _));
    wire.sandbox().fail_next(Fault::DropIdle);
    // Another person each time, for what is known already needs no connection.
    for person in wire.sandbox().people().iter().take(3) {
        let outcome = provider.user(&subject.lookup(person)).await;
        outcome.unwrap_or_else(|error| panic!("a dead idle connection: {error:?}"));
    }
    assert_eq!((recorder.sent(), wire.sandbox().journal().len()), (3, 3));
}
