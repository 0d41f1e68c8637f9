//! A sender of pushes: one request over a real socket, as plain as the wire has it.

use super::still;
use std::net::SocketAddr;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// An answer: status, whole head, body.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: String,
}

pub async fn get(address: SocketAddr, path: &str) -> Answer {
    send(address, &format!("GET {path} HTTP/1.1\r\nhost: t\r\nconnection: close\r\n\r\n"), b"").await
}

pub async fn post(address: SocketAddr, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
    let extra: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: t\r\nconnection: close\r\ncontent-length: {}\r\n{extra}\r\n",
        body.len()
    );
    send(address, &head, body).await
}

/// The same, where the receiver may have no place for the connection and close it without a word.
pub async fn attempt(address: SocketAddr, path: &str, body: &[u8]) -> Option<Answer> {
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: t\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    exchange(TcpStream::connect(address).await.ok()?, &head, body).await
}

async fn send(address: SocketAddr, head: &str, body: &[u8]) -> Answer {
    let stream = still(TcpStream::connect(address)).await.unwrap();
    exchange(stream, head, body).await.expect("an answer")
}

async fn exchange(mut stream: TcpStream, head: &str, body: &[u8]) -> Option<Answer> {
    // Whoever refuses a body that is too long need not read it.
    let _ = stream.write_all(head.as_bytes()).await;
    let _ = stream.write_all(body).await;
    let mut bytes = Vec::new();
    let _ = stream.read_to_end(&mut bytes).await;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let (head, body) = text.split_once("\r\n\r\n")?;
    let status = head.split(' ').nth(1).and_then(|s| s.parse().ok()).unwrap_or_else(|| panic!("{head}"));
    Some(Answer { status, head: head.to_owned(), body: body.to_owned() })
}
