//! The files of the pages, read without a browser and held to the rest of the code.

mod declarations;
mod typed;
mod words;
