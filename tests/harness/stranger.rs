//! Somebody else's web server on another port of this machine: it says the same page to everybody.

use std::io::{BufRead, BufReader, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};

/// Runs until the process ends.
pub struct Stranger {
    address: SocketAddr,
}

impl Stranger {
    /// Serves the page with these header lines, each with its end.
    pub fn serve(page: &'static str, headers: &'static str) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                std::thread::spawn(move || answer(&stream, page, headers));
            }
        });
        Self { address }
    }

    /// Under the same name as the service: only the port tells them apart.
    pub fn url(&self) -> String {
        format!("http://localhost:{}", self.address.port())
    }
}

fn answer(mut stream: &TcpStream, page: &str, headers: &str) {
    // The browser may have gone meanwhile.
    let lines = BufReader::new(stream).lines().map_while(Result::ok);
    for line in lines {
        if line.is_empty() {
            break;
        }
    }
    let length = page.len();
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {length}\r\nConnection: close\r\n{headers}\r\n"
    );
    let _ = stream.write_all(format!("{head}{page}").as_bytes());
}
