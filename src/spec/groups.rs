//! Specifications of several requests, which are made in their order.

use super::Spec;
use crate::{AllocError, PlanRequest, PlaneAlloc};

impl<S: Spec> Spec for &S {
    type Memory<'s> = S::Memory<'s>;

    fn plan(&self, plan: &mut impl PlanRequest) -> Result<(), AllocError> {
        S::plan(self, plan)
    }

    #[inline]
    fn open<'s>(
        &self,
        source: &'s (impl PlaneAlloc + ?Sized),
    ) -> Result<Self::Memory<'s>, AllocError> {
        S::open(self, source)
    }
}

/// `None` requests nothing.
impl<S: Spec> Spec for Option<S> {
    type Memory<'s> = Option<S::Memory<'s>>;

    fn plan(&self, plan: &mut impl PlanRequest) -> Result<(), AllocError> {
        self.iter().try_for_each(|spec| spec.plan(plan))
    }

    #[inline]
    fn open<'s>(
        &self,
        source: &'s (impl PlaneAlloc + ?Sized),
    ) -> Result<Self::Memory<'s>, AllocError> {
        self.as_ref().map(|spec| spec.open(source)).transpose()
    }
}

impl<S: Spec, const N: usize> Spec for [S; N] {
    type Memory<'s> = [S::Memory<'s>; N];

    fn plan(&self, plan: &mut impl PlanRequest) -> Result<(), AllocError> {
        self.iter().try_for_each(|spec| spec.plan(plan))
    }

    #[inline]
    fn open<'s>(
        &self,
        source: &'s (impl PlaneAlloc + ?Sized),
    ) -> Result<Self::Memory<'s>, AllocError> {
        let mut opened = [const { None }; N];
        for (memory, spec) in opened.iter_mut().zip(self) {
            *memory = Some(spec.open(source)?);
        }
        Ok(opened.map(|memory| memory.expect("all are opened")))
    }
}

/// Implements [`Spec`] for a tuple.
macro_rules! tuple {
    ($($spec:ident $field:tt),+) => {
        impl<$($spec: Spec),+> Spec for ($($spec,)+) {
            type Memory<'s> = ($($spec::Memory<'s>,)+);

            fn plan(&self, plan: &mut impl PlanRequest) -> Result<(), AllocError> {
                $(self.$field.plan(plan)?;)+
                Ok(())
            }

            #[inline]
            fn open<'s>(
                &self,
                source: &'s (impl PlaneAlloc + ?Sized),
            ) -> Result<Self::Memory<'s>, AllocError> {
                Ok(($(self.$field.open(source)?,)+))
            }
        }
    };
}

tuple!(A 0);
tuple!(A 0, B 1);
tuple!(A 0, B 1, C 2);
tuple!(A 0, B 1, C 2, D 3);
tuple!(A 0, B 1, C 2, D 3, E 4);
tuple!(A 0, B 1, C 2, D 3, E 4, F 5);
