//! Delivery against real gateways on this machine: small servers over HTTP and SMTP that answer as told and keep
//! what they were sent.

#![allow(clippy::unwrap_used, reason = "a test may stop where it stands")]

use fengsui_app::kit::{COUNTY, Desk, code};
use fengsui_app::{ChannelDraft, ChannelKind, Driver, Message, Notice, Recipient, SignedIn};
use fengsui_base::{Actor, EntryId, Scope};
use fengsui_connect::{ANSWER_BYTES_MAX, Deliverer, Request, Transport};
use fengsui_store::MemoryStore;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpListener;

/// A gateway that answers each request with the same bytes and keeps what it was sent; without an answer it is silent.
struct Gateway {
    address: SocketAddr,
    heard: Arc<Mutex<Vec<String>>>,
    answer: Arc<Mutex<Option<String>>>,
}

impl Gateway {
    async fn open(answer: Option<&str>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (heard, answer) = (Arc::default(), Arc::new(Mutex::new(answer.map(str::to_owned))));
        tokio::spawn(serve(listener, Arc::clone(&heard), answer.clone()));
        Self { address, heard, answer }
    }

    fn says(&self, answer: &str) {
        *self.answer.lock().unwrap() = Some(answer.to_owned());
    }

    fn heard(&self) -> Vec<String> {
        self.heard.lock().unwrap().clone()
    }
}

async fn serve(listener: TcpListener, heard: Arc<Mutex<Vec<String>>>, answer: Arc<Mutex<Option<String>>>) {
    let mut silent = Vec::new();
    loop {
        let (mut socket, _) = listener.accept().await.unwrap();
        let mut request = String::new();
        let mut length = 0;
        let mut reader = BufReader::new(&mut socket);
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).await.unwrap();
            if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().unwrap();
            }
            request.push_str(&line);
            if line.trim().is_empty() {
                break;
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).await.unwrap();
        request.push_str(std::str::from_utf8(&body).unwrap());
        heard.lock().unwrap().push(request);
        let said = answer.lock().unwrap().clone();
        match said {
            Some(answer) => socket.write_all(answer.as_bytes()).await.unwrap(),
            None => silent.push(socket),
        }
    }
}

fn http(status: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}", body.len())
}

struct Site {
    desk: Desk,
    admin: SignedIn,
}

impl Site {
    async fn open() -> Self {
        let desk = Desk::open(Arc::new(MemoryStore::new())).await;
        desk.employ("admin", "何平", "system_admin", COUNTY).await;
        let admin = desk.sign_in("admin").await;
        Self { desk, admin }
    }

    async fn channel(&self, driver: Driver, settings: &[(&str, &str)], secrets: &[(&str, &str)]) -> EntryId {
        let own = |(n, v): &(&str, &str)| ((*n).to_owned(), (*v).to_owned());
        let draft = ChannelDraft {
            name: driver.label().to_owned(),
            driver,
            settings: settings.iter().map(own).collect(),
            secrets: secrets.iter().map(own).map(|(n, v)| (n, Some(v))).collect::<BTreeMap<_, _>>(),
            per_minute: 600,
            order: 0,
        };
        let made = self.desk.app.create_channel(&self.admin.grant, draft, None).await.unwrap();
        self.desk.app.enable_channel(&self.admin.grant, made.id, true).await.unwrap();
        made.id
    }

    async fn notice(&self, by: &[ChannelKind]) -> EntryId {
        let notice = Notice {
            about: fengsui_ledger::Subject { kind: "alarm".to_owned(), id: EntryId::from_u128(7) },
            region: code(COUNTY),
            rung: "deputy".to_owned(),
            recipient: Recipient {
                name: "孙志远".to_owned(),
                role: "带班领导".to_owned(),
                phone: Some("13800000001".to_owned()),
                email: Some("sun@example.org".to_owned()),
                ..Recipient::default()
            },
            title: "火警无人签收".to_owned(),
            text: "云岫纺织 2 层火警".to_owned(),
            by: by.to_vec(),
            urgent: true,
            answerable: true,
        };
        self.desk.app.send_notice(notice, Actor::System { rule: "升级".to_owned() }).await.unwrap()
    }

    async fn round(&self) -> usize {
        let site = Some("https://fire.example.org/".to_owned());
        let transport = Transport::with_patience(Duration::from_secs(5));
        Deliverer::new(self.desk.app.clone(), transport, site).round().await.unwrap()
    }

    async fn message(&self, id: EntryId) -> (String, Message) {
        let entry = self.desk.store.entry(&Scope::everything(), id).await.unwrap().unwrap();
        (entry.state.clone(), Message::of(&entry).unwrap())
    }
}

#[tokio::test]
async fn a_gateway_in_trouble_is_passed_and_serves_again() {
    let site = Site::open().await;
    let (sms, voice) =
        (Gateway::open(Some(&http("500 Oops", ""))).await, Gateway::open(Some(&http("200 OK", "OK"))).await);
    let url = |g: &Gateway| format!("http://{}/send", g.address);
    let body = r#"{"to":"{phone}","text":"{text}"}"#;
    site.channel(Driver::SmsHttp, &[("url", &url(&sms)), ("body", body)], &[]).await;
    site.channel(Driver::VoiceHttp, &[("url", &url(&voice)), ("body", body)], &[]).await;
    let id = site.notice(&[ChannelKind::Sms, ChannelKind::Voice]).await;
    for _ in 0..3 {
        site.round().await;
        site.desk.clock.pass_s(5);
    }
    let (state, message) = site.message(id).await;
    assert_eq!((state.as_str(), sms.heard().len(), voice.heard().len()), ("sent", 2, 1));
    assert_eq!(message.attempts[0].detail, "网关出错（500）");
    assert!(sms.heard()[0].contains("/r/"), "a text carries the link");
    assert!(voice.heard()[0].contains("收到请按1"));
    assert!(voice.heard()[0].contains(&format!("idempotency-key: {id}-2")));
    sms.says(&http("200 OK", ""));
    let id = site.notice(&[ChannelKind::Sms, ChannelKind::Voice]).await;
    site.round().await;
    assert_eq!((site.message(id).await.0.as_str(), sms.heard().len()), ("sent", 3));
}

#[tokio::test]
async fn a_redirect_is_not_followed_and_a_long_answer_is_not_read_to_its_end() {
    let elsewhere = Gateway::open(Some(&http("200 OK", ""))).await;
    let target =
        format!("HTTP/1.1 307 Go\r\nlocation: http://{}/\r\ncontent-length: 0\r\n\r\n", elsewhere.address);
    let gateway = Gateway::open(Some(&target)).await;
    let transport = Transport::with_patience(Duration::from_secs(5));
    let request = Request {
        method: "POST".to_owned(),
        url: format!("http://{}/", gateway.address),
        headers: vec![("authorization".to_owned(), "Bearer K".to_owned())],
        body: "{}".to_owned(),
    };
    assert_eq!(transport.send(request.clone()).await.unwrap().status, 307);
    assert!(elsewhere.heard().is_empty());
    gateway.says(&http("200 OK", &"a".repeat(ANSWER_BYTES_MAX)));
    assert_eq!(transport.send(request.clone()).await.unwrap().body.len(), ANSWER_BYTES_MAX);
    gateway.says(&http("200 OK", &"a".repeat(ANSWER_BYTES_MAX + 1)));
    assert_eq!(transport.send(request.clone()).await.unwrap_err(), "网关的应答太长或中断");
    let broken = Request { url: "http://".to_owned(), ..request };
    assert_eq!(transport.send(broken).await.unwrap_err(), "地址或请求头写得不对，请核对通道设置");
}

#[tokio::test]
async fn a_silent_gateway_is_given_up_and_an_absent_one_is_said_to_be_absent() {
    let silent = Gateway::open(None).await;
    let request = |address: SocketAddr| Request {
        method: "GET".to_owned(),
        url: format!("http://{address}/"),
        headers: Vec::new(),
        body: String::new(),
    };
    let transport = Transport::with_patience(Duration::from_millis(50));
    assert!(transport.send(request(silent.address)).await.unwrap_err().contains("没有应答"));
    let nobody = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let transport = Transport::with_patience(Duration::from_secs(5));
    assert_eq!(transport.send(request(nobody)).await.unwrap_err(), "连不上网关");
}

/// A mail server that speaks as much SMTP as a letter needs; `rcpt` is its answer to the recipient.
async fn mail_server(rcpt: &'static str) -> (SocketAddr, Arc<Mutex<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let heard = Arc::new(Mutex::new(String::new()));
    let kept = Arc::clone(&heard);
    tokio::spawn(async move {
        let (socket, _) = listener.accept().await.unwrap();
        let (read, mut write) = socket.into_split();
        let mut lines = BufReader::new(read).lines();
        write.write_all(b"220 mail\r\n").await.unwrap();
        let mut letter = false;
        while let Ok(Some(line)) = lines.next_line().await {
            kept.lock().unwrap().push_str(&format!("{line}\n"));
            letter = letter && line != ".";
            let word = line.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
            let answer = match word.as_str() {
                _ if letter => continue,
                "EHLO" => "250 mail",
                "RCPT" => rcpt,
                "DATA" => "354 go on",
                "QUIT" => "221 bye",
                _ => "250 ok",
            };
            letter = word == "DATA";
            if write.write_all(format!("{answer}\r\n").as_bytes()).await.is_err() {
                return;
            }
        }
    });
    (address, heard)
}

#[tokio::test]
async fn a_letter_goes_out_and_a_mailbox_that_is_not_there_is_noticed() {
    for (rcpt, expected) in [("250 ok", "sent"), ("550 no such user", "failed")] {
        let site = Site::open().await;
        let (address, heard) = mail_server(rcpt).await;
        let (host, port) = (address.ip().to_string(), address.port().to_string());
        let settings = [
            ("host", host.as_str()),
            ("port", port.as_str()),
            ("security", "none"),
            ("from", "duty@fire.example.org"),
        ];
        site.channel(Driver::Smtp, &settings, &[]).await;
        let id = site.notice(&[ChannelKind::Email]).await;
        site.round().await;
        let (state, message) = site.message(id).await;
        assert_eq!(state, expected, "{:?}", message.attempts);
        let heard = heard.lock().unwrap().clone();
        assert!(heard.contains("RCPT TO:<sun@example.org>"), "{heard}");
        assert_eq!(heard.contains(&format!("Message-ID: <{id}-0@fire.example.org>")), expected == "sent");
    }
}

#[tokio::test]
async fn the_test_gateway_sends_nothing_and_fails_when_told_to() {
    let site = Site::open().await;
    site.channel(Driver::Test, &[("stands_for", "sms")], &[]).await;
    let id = site.notice(&[ChannelKind::Sms]).await;
    assert_eq!(site.round().await, 1);
    assert_eq!(site.message(id).await.0, "delivered");
    let failing = Site::open().await;
    failing.channel(Driver::Test, &[("stands_for", "voice"), ("behaviour", "fails")], &[]).await;
    let id = failing.notice(&[ChannelKind::Voice]).await;
    failing.round().await;
    assert_eq!(failing.message(id).await.0, "waiting");
}
