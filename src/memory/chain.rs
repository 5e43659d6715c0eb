/// An item of a [`Chain`].
pub(crate) trait Linked: Sized {
    fn next(&mut self) -> &mut Option<Box<Self>>;
}

/// A stack of boxes linked through themselves: pushing never allocates.
pub(crate) struct Chain<T: Linked> {
    head: Option<Box<T>>,
}

impl<T: Linked> Chain<T> {
    pub(crate) const fn new() -> Self {
        Self { head: None }
    }

    #[inline]
    pub(crate) fn push(&mut self, mut item: Box<T>) {
        *item.next() = self.head.take();
        self.head = Some(item);
    }

    #[inline]
    pub(crate) fn pop(&mut self) -> Option<Box<T>> {
        let mut item = self.head.take()?;
        self.head = item.next().take();
        Some(item)
    }

    #[inline(never)]
    fn drop_items(&mut self) {
        while self.pop().is_some() {}
    }

    /// The same items in reverse.
    pub(crate) fn reversed(self) -> Self {
        let mut reversed = Self::new();
        for item in self {
            reversed.push(item);
        }
        reversed
    }

    /// Inserts `item` behind the leading items that `precedes` accepts.
    #[inline]
    pub(crate) fn insert(&mut self, mut item: Box<T>, precedes: impl Fn(&T) -> bool) {
        let mut link = &mut self.head;
        while link.as_deref().is_some_and(&precedes) {
            link = link.as_mut().expect("an item that precedes").next();
        }
        *item.next() = link.take();
        *link = Some(item);
    }

    /// Runs `work` on every item.
    pub(crate) fn for_each_mut(&mut self, mut work: impl FnMut(&mut T)) {
        let mut left = self.head.as_deref_mut();
        while let Some(item) = left {
            work(item);
            left = item.next().as_deref_mut();
        }
    }

    /// Removes the items that `wanted` does not accept, and returns them.
    pub(crate) fn split(&mut self, mut wanted: impl FnMut(&mut T) -> bool) -> Self {
        let (mut kept, mut removed) = (Self::new(), Self::new());
        while let Some(mut item) = self.pop() {
            match wanted(&mut item) {
                true => kept.push(item),
                false => removed.push(item),
            }
        }
        *self = kept.reversed();
        removed
    }

    /// Removes the first item that `wanted` accepts.
    pub(crate) fn remove(&mut self, wanted: impl Fn(&T) -> bool) -> Option<Box<T>> {
        let mut passed = Self::new();
        let mut found = None;
        while let Some(item) = self.pop() {
            if wanted(&item) {
                found = Some(item);
                break;
            }
            passed.push(item);
        }
        for item in passed {
            self.push(item);
        }
        found
    }
}

impl<T: Linked> Iterator for Chain<T> {
    type Item = Box<T>;

    fn next(&mut self) -> Option<Box<T>> {
        self.pop()
    }
}

impl<T: Linked> Drop for Chain<T> {
    #[inline]
    fn drop(&mut self) {
        if self.head.is_some() {
            self.drop_items();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Node(u32, Option<Box<Node>>);

    impl Linked for Node {
        fn next(&mut self) -> &mut Option<Box<Self>> {
            &mut self.1
        }
    }

    #[test]
    fn a_removed_item_leaves_the_others_in_order() {
        let mut chain = Chain::new();
        for value in 0..5 {
            chain.push(Box::new(Node(value, None)));
        }
        assert_eq!(chain.remove(|node| node.0 == 2).map(|node| node.0), Some(2));
        assert!(chain.remove(|node| node.0 == 9).is_none());
        assert_eq!(chain.map(|node| node.0).collect::<Vec<_>>(), [4, 3, 1, 0]);
    }

    #[test]
    fn items_are_inserted_in_order() {
        let mut chain = Chain::new();
        for value in [3, 0, 4, 2, 1] {
            chain.insert(Box::new(Node(value, None)), |node| node.0 > value);
        }
        chain.for_each_mut(|node| node.0 *= 10);
        let values: Vec<_> = chain.reversed().map(|node| node.0).collect();
        assert_eq!(values, [0, 10, 20, 30, 40]);
    }

    #[test]
    fn a_long_chain_is_dropped_without_recursion() {
        let mut chain = Chain::new();
        for value in 0..1_000_000 {
            chain.push(Box::new(Node(value, None)));
        }
    }
}
