//! Through a proxy: absolute targets in the clear, a tunnel for TLS.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncWriteExt, copy_bidirectional};
use tokio::net::TcpStream;

use super::secure::{Authority, serve_tls};
use super::{get, listen, read_request, serve, write};
use crate::client::{Client, Options, Origin, Phase, ProxyVariables, SendError};

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

/// A proxy that writes `answer` when asked for a tunnel, and connects it to `behind` when there is one.
async fn tunnelling(answer: &'static str, behind: Option<Origin>) -> (Origin, Arc<Mutex<Vec<String>>>) {
    let (listener, origin) = listen().await;
    let requests = Arc::new(Mutex::new(Vec::new()));
    let seen = requests.clone();
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            let (behind, seen) = (behind.clone(), seen.clone());
            tokio::spawn(async move {
                let Some(request) = read_request(&mut client).await else { return };
                seen.lock().unwrap().push(request);
                client.write_all(answer.as_bytes()).await.unwrap();
                if let Some(behind) = behind {
                    let mut server = TcpStream::connect(behind.address()).await.unwrap();
                    let _ = copy_bidirectional(&mut client, &mut server).await;
                }
            });
        }
    });
    (origin, requests)
}

fn through(proxy: &Origin) -> Options {
    let url = format!("http://ada:l%20l@{}", proxy.address());
    let proxies =
        ProxyVariables { all: Some(url), no_proxy: Some("direct.localhost".to_owned()), ..Default::default() };
    Options { proxies, ..Options::default() }
}

fn origin(text: &str) -> Origin {
    Origin::parse(text).unwrap()
}

#[tokio::test]
async fn in_the_clear_the_proxy_is_asked_for_the_whole_url() {
    let (proxy, script) = serve([write(OK), write(OK)]).await;
    let client = Client::new(through(&proxy)).unwrap();
    let api = origin("http://api.example.com:8080");
    assert!(!client.send(&api, get("/a?b=c")).await.unwrap().reused);
    assert!(client.send(&api, get("/a?b=c")).await.unwrap().reused);
    let expected = "GET http://api.example.com:8080/a?b=c HTTP/1.1\r\nhost: api.example.com:8080\r\nx-mine: 1\r\n\
                    proxy-authorization: Basic YWRhOmwgbA==\r\n\r\n";
    assert_eq!(script.requests(), [expected, expected]);
}

#[tokio::test]
async fn this_machine_and_exceptions_are_reached_directly() {
    let (server, script) = serve([write(OK), write(OK)]).await;
    let (proxy, asked) = tunnelling("", None).await;
    let client = Client::new(through(&proxy)).unwrap();
    client.send(&server, get("/")).await.unwrap();
    client.send(&origin(&format!("http://direct.localhost:{}", server.port())), get("/")).await.unwrap();
    assert!(
        script.requests().iter().all(|request| request.starts_with("GET / HTTP/1.1\r\n") && !request.contains("proxy"))
    );
    assert_eq!(asked.lock().unwrap().len(), 0);
}

#[tokio::test]
async fn tls_goes_through_a_tunnel_to_the_name_itself() {
    let authority = Authority::new("ours");
    let (server, script) = serve_tls(authority.acceptor(&["api.example.com"], |_| {}), [write(OK), write(OK)]).await;
    let (proxy, asked) = tunnelling("HTTP/1.0 200 Connection established\r\nVia: x\r\n\r\n", Some(server)).await;
    let file = authority.file("tunnel");
    let client = Client::new(Options { ca: vec![file.clone()], ..through(&proxy) }).unwrap();
    std::fs::remove_file(file).unwrap();
    let api = origin("https://api.example.com");
    let sent = client.send(&api, get("/a")).await.unwrap();
    assert!(sent.timings.connect > Duration::ZERO && sent.timings.tls > Duration::ZERO);
    assert!(client.send(&api, get("/a")).await.unwrap().reused);
    let connect = "CONNECT api.example.com:443 HTTP/1.1\r\nHost: api.example.com:443\r\n\
                   Proxy-Authorization: Basic YWRhOmwgbA==\r\n\r\n";
    assert_eq!(*asked.lock().unwrap(), [connect]);
    let expected = "GET /a HTTP/1.1\r\nhost: api.example.com\r\nx-mine: 1\r\n\r\n";
    assert_eq!(script.requests(), [expected, expected]);
}

#[tokio::test]
async fn a_proxy_that_does_not_connect_is_named() {
    let api = origin("https://api.example.com");
    for (answer, status) in [
        ("HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 3\r\n\r\nno!", 407),
        ("HTTP/1.1 403 Forbidden\r\n\r\n", 403),
    ] {
        let (proxy, _) = tunnelling(answer, None).await;
        let error = Client::new(through(&proxy)).unwrap().send(&api, get("/")).await.unwrap_err();
        assert_eq!(
            error.to_string(),
            format!("the proxy `{}` answered {status} when asked to connect to `api.example.com:443`", proxy.address())
        );
        assert_eq!(error.help().unwrap().contains("credentials"), status == 407);
    }
    for (answer, closed) in [("", true), ("HTTP/1.1 200", false), ("hello\r\n\r\n", false)] {
        let (proxy, _) = tunnelling(answer, None).await;
        let error = Client::new(through(&proxy)).unwrap().send(&api, get("/")).await.unwrap_err();
        assert!(error.peer().unwrap().proxy, "{error:?}");
        assert_eq!(matches!(error, SendError::Closed { .. }), closed, "{error:?}");
        assert_eq!(matches!(error, SendError::Malformed { .. }), !closed, "{error:?}");
    }
}

#[tokio::test]
async fn a_proxy_that_is_not_there_or_silent_is_named() {
    let (listener, proxy) = listen().await;
    let limit = Duration::from_secs(1);
    let client = Client::new(Options { connect_timeout: limit, ..through(&proxy) }).unwrap();
    let api = origin("https://api.example.com");
    let error = client.send(&api, get("/")).await.unwrap_err();
    assert!(matches!(error, SendError::Timeout { during: Phase::Connect, .. }), "{error:?}");
    drop(listener);
    let error = client.send(&api, get("/")).await.unwrap_err();
    assert_eq!(error.to_string(), format!("the proxy `{}` refused the connection", proxy.address()));
    assert!(error.help().unwrap().contains("NO_PROXY"));
}

#[tokio::test]
async fn a_proxy_of_another_kind_is_told_when_it_is_needed() {
    let proxies = ProxyVariables { all: Some("socks5://u:secret@h:1080".to_owned()), ..Default::default() };
    let client = Client::new(Options { proxies, ..Options::default() }).unwrap();
    let (server, _) = serve([write(OK)]).await;
    client.send(&server, get("/")).await.unwrap();
    let error = client.send(&origin("http://api.example.com"), get("/")).await.unwrap_err();
    assert!(matches!(error, SendError::ProxyUnusable { .. }), "{error:?}");
    assert!(error.to_string().contains("ALL_PROXY") && !error.to_string().contains("secret"), "{error}");
}
