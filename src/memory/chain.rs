/// Something that can stand in a [`Chain`].
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

    pub(crate) fn push(&mut self, mut item: Box<T>) {
        *item.next() = self.head.take();
        self.head = Some(item);
    }

    pub(crate) fn pop(&mut self) -> Option<Box<T>> {
        let mut item = self.head.take()?;
        self.head = item.next().take();
        Some(item)
    }

    /// Puts the items of `other` before those of this chain, in their order.
    pub(crate) fn prepend(&mut self, mut other: Self) {
        let mut reversed = Self::new();
        while let Some(item) = other.pop() {
            reversed.push(item);
        }
        while let Some(item) = reversed.pop() {
            self.push(item);
        }
    }

    /// Runs `work` on every item.
    pub(crate) fn for_each_mut(&mut self, mut work: impl FnMut(&mut T)) {
        let mut left = self.head.as_deref_mut();
        while let Some(item) = left {
            work(item);
            left = item.next().as_deref_mut();
        }
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
        while let Some(item) = passed.pop() {
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
    fn drop(&mut self) {
        while self.pop().is_some() {}
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
    fn chains_are_joined_in_order() {
        let chain_of = |values: [u32; 2]| {
            let mut chain = Chain::new();
            for value in values {
                chain.push(Box::new(Node(value, None)));
            }
            chain
        };
        let mut chain = chain_of([0, 1]);
        chain.prepend(chain_of([2, 3]));
        chain.for_each_mut(|node| node.0 *= 10);
        assert_eq!(
            chain.map(|node| node.0).collect::<Vec<_>>(),
            [30, 20, 10, 0]
        );
    }

    #[test]
    fn a_long_chain_is_dropped_without_recursion() {
        let mut chain = Chain::new();
        for value in 0..1_000_000 {
            chain.push(Box::new(Node(value, None)));
        }
    }
}
