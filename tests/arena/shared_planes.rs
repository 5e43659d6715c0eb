//! Planes that several owners read.

use std::thread;

use frame_arena::Arena;

#[test]
fn a_plane_is_written_by_its_only_owner() {
    let arena = Arena::new();
    let mut plane = arena.detached_plane::<u16>(500, 300).unwrap();
    plane.view_mut().fill(3);
    let mut shared = plane.into_shared();
    let other = shared.clone();
    assert!(shared.get_mut().is_none());
    let read = thread::spawn(move || other.view().get(499, 299));
    assert_eq!(read.join().unwrap(), 3);
    shared.get_mut().unwrap().row_mut(0)[0] = 4;
    let plane = shared.try_unwrap().unwrap();
    assert_eq!(plane.view().get(0, 0), 4);
    drop(plane);
    assert_eq!(arena.snapshot().live_bytes, 0);
}

#[test]
fn a_plane_without_samples_is_shared_too() {
    let arena = Arena::new();
    let mut shared = arena.detached_plane::<f64>(0, 9).unwrap().into_shared();
    assert_eq!(shared.clone().view().height(), 9);
    assert_eq!(shared.get_mut().unwrap().row(8), [0.0; 0]);
    assert_eq!(shared.try_unwrap().unwrap().view().width(), 0);
    assert_eq!(arena.snapshot().in_use_bytes, 0);
}
