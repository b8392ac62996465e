//! The pages in Debian's Chromium, in front of the real binary.

mod journey;
