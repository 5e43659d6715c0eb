//! Maps of `hashbrown`.

use allocator_api2_02::vec::Vec;
use hashbrown::{DefaultHashBuilder, HashMap};

use super::{LocalScope, SharedScope};

#[test]
fn a_map_grows_shrinks_and_dies_in_a_scope() {
    let scope = LocalScope::new();
    {
        let mut map: HashMap<u32, Vec<u32, _>, DefaultHashBuilder, _> = HashMap::new_in(&scope);
        for key in 0..3_000 {
            let values = map.entry(key / 3).or_insert_with(|| Vec::new_in(&scope));
            values.push(key);
        }
        assert_eq!(map.len(), 1_000);
        map.retain(|key, _| key % 10 == 0);
        map.shrink_to_fit();
        assert_eq!(map.len(), 100);
        for (key, values) in &map {
            assert_eq!(values.as_slice(), [key * 3, key * 3 + 1, key * 3 + 2]);
        }
    }
    assert_eq!(scope.live_bytes(), 0);
}

#[test]
fn a_map_at_the_limit_is_refused_and_stays_usable() {
    let scope = SharedScope::with_limit(110_000);
    let mut map: HashMap<u64, [u64; 3], DefaultHashBuilder, _> = HashMap::new_in(&scope);
    while map.try_reserve(1).is_ok() {
        map.insert(map.len() as u64, [map.len() as u64; 3]);
    }
    let len = map.len() as u64;
    assert!(len >= 1_500);
    for _ in 0..3 {
        assert!(map.try_reserve(len as usize).is_err());
        assert!((0..len).all(|key| map[&key] == [key; 3]));
    }
    map.retain(|key, _| key % 4 == 0);
    for key in 0..len / 2 {
        map.insert(key, [1; 3]);
    }
    assert!((0..len / 2).all(|key| map[&key] == [1; 3]));
}
