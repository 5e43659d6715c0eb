//! Owned planes and sets as one slice or pointer.

use super::{OwnedPlane, OwnedPlaneSet};
use crate::plane::whole_of_owners;
use crate::sample::Sample;

whole_of_owners!(OwnedPlane, OwnedPlaneSet);
