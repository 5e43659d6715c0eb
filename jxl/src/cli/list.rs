use std::collections::TryReserveError;

/// Appends an item, or fails where there is no memory for it.
pub(super) fn add<T>(list: &mut Vec<T>, item: T) -> Result<(), TryReserveError> {
    list.try_reserve(1)?;
    list.push(item);
    Ok(())
}
