//! What the tests stand on: a service with its own clock, medium and port, an HTTP client, and
//! people who use it.

pub mod app;
pub mod binary;
pub mod browser;
pub mod clock;
pub mod desktop;
pub mod dice;
pub mod entropy;
pub mod house;
pub mod http;
pub mod key;
pub mod medium;
pub mod peer;
pub mod people;
pub mod person;
pub mod phone;
pub mod port;
pub mod power;
pub mod records;
pub mod schema;
pub mod server;
pub mod stranger;
pub mod tls;
pub mod tools;
pub mod visitor;
pub mod webdriver;

pub use clock::ManualClock;
pub use house::House;
pub use http::{Answer, Http};
pub use person::Person;
pub use server::{Server, ServerOptions};
