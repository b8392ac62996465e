//! The pages in Debian's Chromium, in front of the real binary.

mod accessible;
mod fences;
mod figures;
mod fresh;
mod joining;
mod journey;
mod keyboard;
mod mishaps;
mod paused;
mod qr;
mod screenshots;
mod sheet;
mod tabs;
mod tour;
