//! Detached planes and sets as one slice or pointer.

use super::{DetachedPlane, DetachedPlaneSet};
use crate::plane::whole_of_owners;
use crate::sample::Sample;

whole_of_owners!(DetachedPlane, DetachedPlaneSet);
