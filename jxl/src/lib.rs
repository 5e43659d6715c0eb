//! A JPEG XL decoder on `frame-arena` scopes.
