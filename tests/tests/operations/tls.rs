//! TLS by the server itself: HTTP and WebSocket, a certificate that is wrong, and one that is renewed.

use std::path::PathBuf;
use std::sync::Arc;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};
use tokio_tungstenite::tungstenite::Message;

use crate::harness::{Home, Server};

struct Certificate {
    der: CertificateDer<'static>,
    cert: PathBuf,
    key: PathBuf,
}

fn certificate(home: &Home, name: &str) -> Certificate {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let (cert, key) = (home.file(&format!("{name}.pem")), home.file(&format!("{name}.key")));
    std::fs::write(&cert, made.cert.pem()).unwrap();
    std::fs::write(&key, made.signing_key.serialize_pem()).unwrap();
    Certificate {
        der: made.cert.der().clone(),
        cert,
        key,
    }
}

async fn connect(server: &Server, trusted: &Certificate) -> std::io::Result<TlsStream<TcpStream>> {
    let mut roots = RootCertStore::empty();
    roots.add(trusted.der.clone()).unwrap();
    let config = ClientConfig::builder()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let stream = TcpStream::connect(server.address).await?;
    let name = ServerName::try_from("localhost").unwrap();
    TlsConnector::from(Arc::new(config)).connect(name, stream).await
}

#[tokio::test]
async fn w15_the_server_speaks_wss_by_itself() {
    let home = Home::with("");
    let ours = certificate(&home, "ours");
    let server = home.start(&[
        &format!("tls.cert={}", ours.cert.display()),
        &format!("tls.key={}", ours.key.display()),
    ]);
    let stream = connect(&server, &ours).await.unwrap();
    let (mut socket, _) = tokio_tungstenite::client_async("wss://localhost/v1/ws", stream)
        .await
        .unwrap();
    let login = json!({ "id": 1, "type": "session.login", "data": { "token": "wrong" } });
    socket.send(Message::text(login.to_string())).await.unwrap();
    let answer = socket.next().await.unwrap().unwrap();
    let answer: Value = serde_json::from_str(answer.to_text().unwrap()).unwrap();
    assert_eq!(answer["error"]["code"], "bad_token");

    let theirs = certificate(&home, "theirs");
    assert!(
        connect(&server, &theirs).await.is_err(),
        "another certificate is not this server's"
    );
}

#[tokio::test]
async fn a_certificate_that_cannot_be_used_is_told_at_the_start() {
    let home = Home::with("");
    let (ours, theirs) = (certificate(&home, "ours"), certificate(&home, "theirs"));
    let of = |cert: &PathBuf, key: &PathBuf| {
        [
            format!("tls.cert={}", cert.display()),
            format!("tls.key={}", key.display()),
        ]
    };
    for (settings, word) in [
        (of(&ours.cert, &theirs.key), "do not fit"),
        (of(&home.file("none.pem"), &ours.key), "tls.cert"),
        (of(&ours.cert, &home.file("none.key")), "tls.key"),
    ] {
        let output = home
            .try_start(&[&settings[0], &settings[1]])
            .err()
            .expect("it must not start");
        assert!(output.contains(word), "{output}");
    }
    let half = home
        .try_start(&[&of(&ours.cert, &ours.key)[0]])
        .err()
        .expect("it must not start");
    assert!(half.contains("tls.key"), "{half}");
}
