//! Per-frame memory for image and video decoders.
