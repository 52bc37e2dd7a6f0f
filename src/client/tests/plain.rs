//! In the clear: what goes out, what comes back, and every way it can fail.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use http::header::HeaderName;
use http::{HeaderValue, Method};
use rand::rngs::Xoshiro256PlusPlus;
use rand::{RngExt, SeedableRng};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpSocket;

use super::{Step, client, get, last, listen, request, serve, write};
use crate::client::{Broken, Client, Options, Origin, Peer, Phase, SendError};

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

fn peer(origin: &Origin) -> Peer {
    Peer { address: origin.address(), proxy: false }
}

#[tokio::test]
async fn the_request_goes_out_as_it_is_but_for_the_connections_fields() {
    let (origin, script) = serve([write(OK)]).await;
    let mut request = request(Method::POST, "/a%2Fb/../c?d=%20&e", "{}");
    for (name, value) in [
        ("host", "recorded.example"),
        ("content-length", "99"),
        ("transfer-encoding", "chunked"),
        ("connection", "close"),
        ("keep-alive", "5"),
        ("x-two", "1"),
        ("x-two", "2"),
    ] {
        request.headers.append(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    client().send(&origin, request).await.unwrap();
    let expected = format!(
        "POST /a%2Fb/../c?d=%20&e HTTP/1.1\r\nhost: {}\r\nx-mine: 1\r\nx-two: 1\r\nx-two: 2\r\ncontent-length: 2\r\n\r\n{{}}",
        origin.authority()
    );
    assert_eq!(script.requests(), [expected]);
}

#[tokio::test]
async fn the_length_is_told_where_content_is_expected() {
    let (origin, script) = serve([write(OK), write(OK), write(OK)]).await;
    let client = client();
    for (method, body) in [(Method::GET, ""), (Method::POST, ""), (Method::DELETE, "x")] {
        client.send(&origin, request(method, "/", body)).await.unwrap();
    }
    let lengths: Vec<bool> = script.requests().iter().map(|request| request.contains("content-length: ")).collect();
    assert_eq!(lengths, [false, true, true]);
}

#[tokio::test]
async fn the_answer_comes_back_whole_and_the_connection_is_used_again() {
    let first = "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 302 Found\r\nLocation: /b\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\n\
                 Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\nX-Trailer: 1\r\n\r\n";
    let (origin, script) = serve([write(first), write(OK)]).await;
    let client = client();
    let sent = client.send(&origin, get("/a")).await.unwrap();
    assert_eq!(sent.response.status, 302);
    assert_eq!(sent.response.body.bytes(), "abcde");
    assert_eq!(sent.response.headers.get_all("set-cookie").iter().count(), 2);
    assert!(sent.is_whole() && !sent.reused);
    assert!(sent.timings.connect > Duration::ZERO && sent.timings.tls == Duration::ZERO);
    assert!(sent.timings.total >= sent.timings.connect + sent.timings.first_byte, "{:?}", sent.timings);

    let sent = client.send(&origin, get("/b")).await.unwrap();
    assert_eq!(sent.response.body.bytes(), "ok");
    assert!(sent.reused && sent.timings.connect == Duration::ZERO);
    assert_eq!((script.requests().len(), script.connections()), (2, 1));
}

#[tokio::test]
async fn requests_at_the_same_time_have_their_own_connections() {
    let (origin, script) = serve([write(OK), write(OK), write(OK)]).await;
    let client = client();
    let (a, b) = tokio::join!(client.send(&origin, get("/a")), client.send(&origin, get("/b")));
    assert!(!a.unwrap().reused && !b.unwrap().reused);
    assert!(client.send(&origin, get("/c")).await.unwrap().reused);
    assert_eq!(script.connections(), 2);
}

#[tokio::test]
async fn without_idle_connections_each_request_opens_one() {
    let (origin, script) = serve([write(OK), write(OK)]).await;
    let client = Client::new(Options { idle_per_origin: 0, ..Options::default() }).unwrap();
    for _ in 0..2 {
        assert!(!client.send(&origin, get("/")).await.unwrap().reused);
    }
    assert_eq!(script.connections(), 2);
}

#[tokio::test]
async fn answers_without_content_leave_the_connection_usable() {
    let (origin, script) = serve([
        write("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n"),
        write("HTTP/1.1 204 No Content\r\n\r\n"),
        write("HTTP/1.1 304 Not Modified\r\nContent-Length: 500\r\n\r\n"),
        write(OK),
    ])
    .await;
    let client = client();
    for (method, status) in [(Method::HEAD, 200), (Method::GET, 204), (Method::GET, 304)] {
        let sent = client.send(&origin, request(method, "/", "")).await.unwrap();
        assert_eq!(sent.response.status, status);
        assert!(sent.is_whole() && sent.response.body.is_empty());
    }
    assert_eq!(client.send(&origin, get("/")).await.unwrap().response.body.bytes(), "ok");
    // After a head that announces content, some servers send it all the same: that connection is not used again.
    assert_eq!(script.connections(), 2);
}

#[tokio::test]
async fn content_over_the_limit_is_cut_there() {
    let answer =
        |length: usize| write(&format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n{}", "x".repeat(length)));
    let (origin, script) = serve([answer(1000), answer(1001), answer(100_000), answer(1)]).await;
    let client = Client::new(Options { body_limit: 1000, ..Options::default() }).unwrap();
    for (cut, reused) in [(false, false), (true, true), (true, false), (false, false)] {
        let sent = client.send(&origin, get("/")).await.unwrap();
        assert_eq!((sent.cut, sent.reused), (cut, reused));
        assert_eq!(sent.response.body.len(), if script.requests().len() == 4 { 1 } else { 1000 });
        assert_eq!(sent.is_whole(), !cut);
    }
}

#[tokio::test]
async fn content_that_breaks_off_is_kept_and_marked() {
    let head = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc";
    let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n";
    let impatient = Client::new(Options { timeout: Duration::from_secs(2), ..Options::default() }).unwrap();
    let client = client();
    for (step, broken) in [
        (last(head), Broken::Closed),
        (last(chunked), Broken::Closed),
        (Step::Reset(head.into()), Broken::Reset),
        (Step::Hang(head.into()), Broken::Timeout),
    ] {
        let (origin, _) = serve([step]).await;
        let client = if broken == Broken::Timeout { &impatient } else { &client };
        let sent = client.send(&origin, get("/")).await.unwrap();
        assert_eq!(sent.response.body.bytes(), "abc");
        assert_eq!(sent.broken, Some(broken));
        assert!(!sent.is_whole() && !sent.cut);
    }
    let (origin, _) = serve([Step::Hang(format!("{chunked}zz\r\n").into())]).await;
    let sent = client.send(&origin, get("/")).await.unwrap();
    assert!(matches!(sent.broken, Some(Broken::Malformed(_))), "{:?}", sent.broken);
}

#[tokio::test]
async fn content_may_end_with_the_connection() {
    let (origin, _) = serve([last("HTTP/1.0 200 OK\r\n\r\nabc")]).await;
    let sent = client().send(&origin, get("/")).await.unwrap();
    assert_eq!(sent.response.body.bytes(), "abc");
    assert!(sent.is_whole());
}

#[tokio::test]
async fn no_answer_says_how() {
    let (origin, _) = serve([last("")]).await;
    let error = client().send(&origin, get("/")).await.unwrap_err();
    assert_eq!(error, SendError::Closed { at: peer(&origin) });
    assert_eq!(error.to_string(), format!("`{}` closed the connection without an answer", origin.address()));

    let (origin, _) = serve([Step::Reset(Vec::new())]).await;
    assert_eq!(client().send(&origin, get("/")).await.unwrap_err(), SendError::Reset { at: peer(&origin) });
}

#[tokio::test]
async fn what_is_no_http_says_so() {
    for (answer, why, looks_like_tls) in [
        (&b"HTTP/1.1 200 OK\r\nContent-"[..], "it broke off within its head", false),
        (b"220 mail.example.com ESMTP\r\n\r\n", "", false),
        (b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n", "", false),
        (b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n", "", false),
        (b"\x15\x03\x01\x00\x02\x02\x46", "it starts with a TLS alert", true),
    ] {
        let (origin, _) = serve([Step::Last(answer.to_vec())]).await;
        let error = client().send(&origin, get("/")).await.unwrap_err();
        let SendError::Malformed { at, why: found, tls } = &error else { panic!("{error}") };
        assert_eq!((at, *tls), (&peer(&origin), looks_like_tls), "{error}");
        assert!(!found.is_empty() && found.starts_with(why), "{error}");
        assert_eq!(error.help().is_some(), looks_like_tls);
    }
}

#[tokio::test]
async fn refused_names_the_place_and_the_remedy() {
    let (listener, origin) = listen().await;
    drop(listener);
    let error = client().send(&origin, get("/")).await.unwrap_err();
    assert_eq!(error, SendError::Refused { at: peer(&origin) });
    assert_eq!(error.to_string(), format!("`{}` refused the connection", origin.address()));
    assert_eq!(error.help().as_deref(), Some("is it running? `--wait 30s` waits until it is"));
}

#[tokio::test]
async fn a_name_without_address_is_not_found() {
    // No resolver is asked: a label of 64 characters is none.
    let origin = Origin::parse(&format!("http://{}.example", "a".repeat(64))).unwrap();
    let error = client().send(&origin, get("/")).await.unwrap_err();
    assert_eq!(error, SendError::NameNotFound { at: peer(&origin) });
}

#[tokio::test]
async fn localhost_and_names_below_it_are_this_machine() {
    let (origin, script) = serve([write(OK), write(OK)]).await;
    for host in ["localhost", "t1.localhost"] {
        let origin = Origin::parse(&format!("http://{host}:{}", origin.port())).unwrap();
        client().send(&origin, get("/")).await.unwrap();
        assert!(script.requests().last().unwrap().contains(&format!("host: {host}:")));
    }
}

#[tokio::test]
async fn silence_ends_with_the_time() {
    let limit = Duration::from_secs(2);
    let client = Client::new(Options { timeout: limit, ..Options::default() }).unwrap();
    let (origin, _) = serve([Step::Hang(Vec::new())]).await;
    let error = client.send(&origin, get("/")).await.unwrap_err();
    assert_eq!(error, SendError::Timeout { at: peer(&origin), during: Phase::Answer, limit });
    assert_eq!(error.to_string(), format!("no answer from `{}` within 2s", origin.address()));
}

#[tokio::test]
async fn an_idle_connection_that_ends_is_replaced_only_for_what_may_be_repeated() {
    for (method, repeated) in [(Method::GET, true), (Method::PUT, true), (Method::POST, false), (Method::PATCH, false)]
    {
        let (origin, script) = serve([write(OK), last(""), write(OK)]).await;
        let client = client();
        client.send(&origin, get("/")).await.unwrap();
        let second = client.send(&origin, request(method.clone(), "/", "")).await;
        if repeated {
            assert!(!second.unwrap().reused);
            assert_eq!((script.requests().len(), script.connections()), (3, 2), "{method}");
        } else {
            assert_eq!(second.unwrap_err(), SendError::Closed { at: peer(&origin) });
            assert_eq!((script.requests().len(), script.connections()), (2, 1), "{method}");
        }
    }
}

#[tokio::test]
async fn a_new_connection_that_ends_is_not_replaced() {
    let (origin, script) = serve([last("")]).await;
    assert!(client().send(&origin, get("/")).await.is_err());
    assert_eq!(script.requests().len(), 1);
}

#[tokio::test]
async fn an_idle_connection_whose_answer_began_is_not_replaced() {
    let (origin, script) = serve([write(OK), last("HTTP/1.1 2")]).await;
    let client = client();
    client.send(&origin, get("/")).await.unwrap();
    let error = client.send(&origin, get("/")).await.unwrap_err();
    assert!(matches!(error, SendError::Malformed { .. }), "{error}");
    assert_eq!(script.requests().len(), 2);
}

#[tokio::test]
async fn a_tunnel_is_not_asked_for() {
    let (_, origin) = listen().await;
    let error = client().send(&origin, request(Method::CONNECT, "/", "")).await.unwrap_err();
    assert!(matches!(error, SendError::Unsendable { .. }), "{error}");
}

#[tokio::test]
async fn waiting_ends_when_the_server_is_there() {
    // A port that is taken and not listened on refuses connections.
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let origin = Origin::parse(&format!("http://{}", socket.local_addr().unwrap())).unwrap();
    let client = client();
    let error = client.wait_until_reachable(&origin, Duration::from_secs(1)).await.unwrap_err();
    assert_eq!(error, SendError::Refused { at: peer(&origin) });

    let starting = async {
        tokio::time::sleep(Duration::from_millis(250)).await;
        socket.listen(8).unwrap()
    };
    let (reached, listener) = tokio::join!(client.wait_until_reachable(&origin, Duration::from_secs(30)), starting);
    reached.unwrap();
    drop(listener);
}

#[tokio::test]
async fn a_forwarder_with_nothing_behind_it_is_not_reachable() {
    let (listener, origin) = listen().await;
    let accepted = Arc::new(AtomicUsize::new(0));
    let count = accepted.clone();
    tokio::spawn(async move {
        let mut kept = Vec::new();
        while let Ok((tcp, _)) = listener.accept().await {
            if count.fetch_add(1, Ordering::SeqCst) >= 2 {
                kept.push(tcp);
            }
        }
    });
    client().wait_until_reachable(&origin, Duration::from_secs(30)).await.unwrap();
    assert_eq!(accepted.load(Ordering::SeqCst), 3);
}

#[tokio::test]
async fn a_connection_the_server_ends_is_not_used_again() {
    let (origin, script) = serve([last(&OK.replace("OK", "OK\r\nConnection: close")), write(OK)]).await;
    let client = client();
    for _ in 0..2 {
        // Not even by a method whose failure would show.
        let sent = client.send(&origin, request(Method::POST, "/", "")).await.unwrap();
        assert!(sent.is_whole() && !sent.reused);
    }
    assert_eq!(script.connections(), 2);
}

#[tokio::test]
async fn an_answer_before_the_request_was_read_is_an_answer() {
    let (listener, origin) = listen().await;
    tokio::spawn(async move {
        let (mut tcp, _) = listener.accept().await.unwrap();
        let mut some = [0; 10];
        tcp.read_exact(&mut some).await.unwrap();
        let answer = b"HTTP/1.1 413 Content Too Large\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno";
        tcp.write_all(answer).await.unwrap();
        std::future::pending::<()>().await;
    });
    let sent = client().send(&origin, request(Method::POST, "/", &"x".repeat(20_000_000))).await.unwrap();
    assert_eq!((sent.response.status.as_u16(), sent.is_whole()), (413, true));
}

#[tokio::test]
async fn noise_is_no_reason_to_panic() {
    const PIECES: [&[u8]; 16] = [
        b"HTTP/1.1 ",
        b"HTTP/1.0 ",
        b"200 OK",
        b"204",
        b"\r\n",
        b"\r\n\r\n",
        b"Content-Length: ",
        b"3",
        b"Transfer-Encoding: chunked",
        b"x: y",
        b"abc",
        b"\xff",
        b"\0",
        b"100 Continue",
        b"Connection: close",
        b"99999999999999999999",
    ];
    let mut random = Xoshiro256PlusPlus::seed_from_u64(0);
    let mut answers = Vec::new();
    for _ in 0..300 {
        let mut answer = b"HTTP/1.1 200 OK\r\n"[..[0, 9, 15, 17][random.random_range(0..4)]].to_vec();
        for _ in 0..random.random_range(0..12) {
            answer.extend(PIECES[random.random_range(0..PIECES.len())]);
        }
        answers.push(Step::Last(answer));
    }
    let (origin, _) = serve(answers).await;
    let client = Client::new(Options { idle_per_origin: 0, ..Options::default() }).unwrap();
    let mut answered = 0;
    for _ in 0..300 {
        answered += usize::from(client.send(&origin, get("/")).await.is_ok());
    }
    assert!((10..290).contains(&answered), "the noise is all sense or all nonsense: {answered}");
}
