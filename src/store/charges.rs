use super::Store;
use super::backing::{Admission, Backing};
use crate::AllocError;

impl Store {
    /// Counts `bytes` that others allocate for `origin` against the limit.
    pub(crate) fn charge(&self, origin: &'static str, bytes: usize) -> Result<(), AllocError> {
        self.charge_as(origin, bytes, Admission::Ask)
    }

    pub(super) fn charge_as(
        &self,
        origin: &'static str,
        bytes: usize,
        admission: Admission,
    ) -> Result<(), AllocError> {
        let admission = self.own(admission);
        let mut inner = self.lock();
        inner.charges.make_room(origin)?;
        inner.account.open(bytes, admission)?;
        let outcome = match &self.backing {
            Backing::System(_) => {
                inner = self.settle(inner);
                Ok(())
            }
            Backing::Reserve(reserve) => {
                drop(inner);
                let outcome = reserve.parent.charge(origin, bytes);
                inner = self.lock();
                outcome
            }
            Backing::Share(share) => {
                drop(inner);
                let admission = share.admission(admission);
                let outcome = share.parent.charge_as(origin, bytes, admission);
                inner = self.lock();
                outcome
            }
        };
        if outcome.is_err() {
            inner.account.give_up(bytes, admission);
            self.wake(&inner);
            return outcome;
        }
        inner.account.charge(bytes);
        inner.charges.add(origin, bytes);
        Ok(())
    }

    pub(crate) fn discharge(&self, origin: &'static str, bytes: usize) {
        self.discharge_as(origin, bytes, Admission::Ask);
    }

    pub(super) fn discharge_as(&self, origin: &'static str, bytes: usize, admission: Admission) {
        let mut inner = self.lock();
        inner.account.discharge(bytes, admission);
        inner.charges.sub(origin, bytes);
        self.wake(&inner);
        drop(inner);
        match &self.backing {
            Backing::System(_) => {}
            Backing::Reserve(reserve) => reserve.parent.discharge(origin, bytes),
            Backing::Share(share) => {
                let admission = share.admission(admission);
                share.parent.discharge_as(origin, bytes, admission);
            }
        }
    }
}
