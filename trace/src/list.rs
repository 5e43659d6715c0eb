//! Lists that grow with a trace, and return an error if the process has no memory for them.

use std::collections::TryReserveError;

pub(crate) type Fallible<T> = Result<T, TryReserveError>;

/// Appends an item.
pub(crate) fn add<T>(list: &mut Vec<T>, item: T) -> Fallible<()> {
    list.try_reserve(1)?;
    list.push(item);
    Ok(())
}

/// An empty list with room for `count` items.
pub(crate) fn with_room<T>(count: usize) -> Fallible<Vec<T>> {
    let mut list = Vec::new();
    list.try_reserve_exact(count)?;
    Ok(list)
}

/// A list of `count` copies of an item.
pub(crate) fn filled<T: Clone>(count: usize, item: T) -> Fallible<Vec<T>> {
    let mut list = with_room(count)?;
    list.resize(count, item);
    Ok(list)
}

/// A list of items.
pub(crate) fn listed<T>(items: impl Iterator<Item = T>) -> Fallible<Vec<T>> {
    let mut list = with_room(items.size_hint().0)?;
    for item in items {
        add(&mut list, item)?;
    }
    Ok(list)
}
