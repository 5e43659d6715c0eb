//! The callbacks of the hooks, called as a decoder calls them.

#[path = "hooks/dav1d.rs"]
mod dav1d;
#[path = "hooks/ffmpeg.rs"]
mod ffmpeg;
#[path = "hooks/frame_buffers.rs"]
mod frame_buffers;
#[path = "hooks/heap.rs"]
mod heap;
#[path = "hooks/libde265.rs"]
mod libde265;

#[test]
#[should_panic(expected = "is no FrameGlobal")]
fn adopting_without_the_allocator_panics() {
    use frame_arena_hooks::global::Adopt;

    let _ = frame_arena::Arena::new().adopt(|| ());
}
