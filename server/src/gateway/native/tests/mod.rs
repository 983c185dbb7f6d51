//! What frames are read as and written as.

mod reading;
mod writing;
