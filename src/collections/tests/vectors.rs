//! Vectors and boxes, of each version of the trait that has a feature.

use std::cell::Cell;
use std::sync::mpsc;

use super::{BLOCK_BYTES, LocalScope, SharedScope};

#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(align(128))]
struct Aligned(u8);

/// Counts its drops.
struct Dropped<'c>(&'c Cell<usize>);

impl Drop for Dropped<'_> {
    fn drop(&mut self) {
        self.0.set(self.0.get() + 1);
    }
}

/// Values of a type with padding.
fn padded(index: usize) -> (u8, u64, u16) {
    (index as u8, index as u64 * 3, index as u16)
}

macro_rules! tests {
    ($module:ident, $version:ident) => {
        mod $module {
            use $version::boxed::Box;
            use $version::vec::Vec;

            use super::*;

            #[test]
            fn values_of_any_type_live_and_die_in_a_scope() {
                let drops = Cell::new(0);
                let scope = LocalScope::new();
                {
                    let mut dropped = Vec::new_in(&scope);
                    let mut padding = Vec::new_in(&scope);
                    let mut aligned = Vec::new_in(&scope);
                    let mut nothing = Vec::new_in(&scope);
                    for index in 0..5_000 {
                        dropped.push(Box::new_in(Dropped(&drops), &scope));
                        padding.push(padded(index));
                        aligned.push(Aligned(index as u8));
                        nothing.push(());
                    }
                    dropped.truncate(4_000);
                    assert_eq!(drops.get(), 1_000);
                    assert_eq!(nothing.len(), 5_000);
                    for index in 0..5_000 {
                        assert_eq!(padding[index], padded(index));
                        assert_eq!(aligned[index], Aligned(index as u8));
                    }
                    assert!((&raw const aligned[0]).addr().is_multiple_of(128));
                }
                assert_eq!(drops.get(), 5_000);
                assert_eq!(scope.live_bytes(), 0);
            }

            #[test]
            fn a_vector_at_the_limit_is_refused_and_stays_usable() {
                let limit_bytes = 100_000;
                let scope = SharedScope::with_limit(limit_bytes);
                let mut words: Vec<u32, _> = Vec::new_in(&scope);
                while words.try_reserve(1).is_ok() {
                    words.push(words.len() as u32);
                }
                let len = words.len();
                assert_eq!((len, words.capacity()), (16_384, 16_384));
                assert!(words.try_reserve(usize::MAX / 8).is_err());
                assert!(
                    words
                        .iter()
                        .enumerate()
                        .all(|(index, &word)| word == index as u32)
                );
                words.pop();
                words.push(7);
                assert_eq!(words[len - 1], 7);
                // The rest of the memory can be used up exactly, also by small vectors.
                let mut small: Vec<u64, _> = Vec::new_in(&scope);
                assert!(small.try_reserve_exact(1_000).is_ok());
                // Shrinking must not need memory: it could not be refused.
                words.truncate(10);
                words.shrink_to_fit();
                assert_eq!((words.capacity(), words[9]), (10, 9));
                assert!(small.try_reserve_exact(8_000).is_ok());
            }

            #[test]
            fn a_pushed_vector_holds_twice_its_length_and_a_block() {
                fn check<T: Clone>(value: T, len: usize) {
                    let scope = SharedScope::new();
                    let mut values = Vec::new_in(&scope);
                    for _ in 0..len {
                        let is_full = values.len() == values.capacity();
                        values.push(value.clone());
                        if is_full {
                            let bytes = values.len() * size_of::<T>();
                            let held_bytes = scope.held_bytes();
                            assert!(
                                held_bytes <= 2 * bytes + BLOCK_BYTES,
                                "{held_bytes} {bytes}"
                            );
                        }
                    }
                }
                check(1u8, 3_000_000);
                check(padded(1), 100_000);
                check([1u8; 1_000], 3_000);
            }

            #[test]
            fn vectors_grow_in_turn_and_go_in_any_order() {
                let scope = SharedScope::new();
                let mut all: std::vec::Vec<Vec<usize, _>> =
                    (0..20).map(|_| Vec::new_in(&scope)).collect();
                for index in 0..10_000 {
                    for (number, one) in all.iter_mut().enumerate() {
                        one.push(index * 20 + number);
                    }
                }
                while !all.is_empty() {
                    let number = all.len() * 7 % 20 % all.len();
                    let one = all.swap_remove(number);
                    let first = one[0];
                    let expected = (0..10_000).map(|index| index * 20 + first);
                    assert!(one.iter().copied().eq(expected));
                }
                assert_eq!(scope.live_bytes(), 0);
                assert!(scope.held_bytes() <= BLOCK_BYTES);
            }

            #[test]
            fn threads_share_a_scope() {
                const THREADS: usize = 8;
                let scope = SharedScope::new();
                let rounds = if cfg!(miri) { 20 } else { 300 };
                std::thread::scope(|threads| {
                    let (senders, receivers): (std::vec::Vec<_>, std::vec::Vec<_>) = (0..THREADS)
                        .map(|_| mpsc::channel::<Vec<usize, &SharedScope>>())
                        .unzip();
                    for (thread, receiver) in receivers.into_iter().enumerate() {
                        let next = senders[(thread + 1) % THREADS].clone();
                        let scope = &scope;
                        threads.spawn(move || {
                            for round in 0..rounds {
                                let mut values = Vec::new_in(scope);
                                let len = 1 + (round * 37 + thread * 11) % 4_000;
                                values.extend(thread..thread + len);
                                next.send(values).unwrap();
                                // The values of another thread are grown and dropped here.
                                let mut values = receiver.recv().unwrap();
                                let first = values[0];
                                values.extend(first + values.len()..first + 2 * values.len());
                                let len = values.len();
                                assert!(values.iter().copied().eq(first..first + len));
                            }
                        });
                    }
                    drop(senders);
                });
                assert_eq!(scope.live_bytes(), 0);
                assert!(scope.held_bytes() <= BLOCK_BYTES);
            }

            #[test]
            fn large_boxes_go_back_at_once() {
                let scope = SharedScope::new();
                let boxed = Box::new_in([7u64; 10_000], &scope);
                assert!(scope.held_bytes() >= 80_000);
                assert_eq!(boxed[9_999], 7);
                drop(boxed);
                assert_eq!(scope.held_bytes(), 0);
            }

            #[test]
            fn collections_of_a_shared_scope_are_sent() {
                fn assert_send<T: Send + Sync>() {}
                assert_send::<Vec<u8, &SharedScope>>();
                assert_send::<Box<u8, &SharedScope>>();
            }
        }
    };
}

#[cfg(feature = "allocator-api2-02")]
tests!(version_02, allocator_api2_02);
#[cfg(feature = "allocator-api2-04")]
tests!(version_04, allocator_api2_04);
