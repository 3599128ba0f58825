//! The asymmetric barrier: nothing for readers, one system call for the collector.
//!
//! The heavy barrier makes every running thread of the process execute a full memory barrier
//! before it returns (a thread that is not running passes one when it is scheduled). So a reader
//! needs to keep its pin before its loads only in *program order*, which a compiler fence does.

use crate::sync::{Ordering, fence};

/// How readers and collectors are ordered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Barrier {
    Unknown = 0,
    /// Readers: a compiler fence. Collectors: the system call.
    Asymmetric = 1,
    /// Both: a `SeqCst` fence.
    Fence = 2,
}

impl From<usize> for Barrier {
    fn from(value: usize) -> Self {
        match value {
            0 => Barrier::Unknown,
            1 => Barrier::Asymmetric,
            _ => Barrier::Fence,
        }
    }
}

/// Finds out, by one real call, whether the asymmetric barrier works in this process.
#[cold]
pub(super) fn probe() -> Barrier {
    if crate::sync::CHECKED || std::env::var_os("DOLMEN_FENCES").is_some_and(|v| v != "0") {
        return Barrier::Fence;
    }
    if system::register() && system::barrier() { Barrier::Asymmetric } else { Barrier::Fence }
}

/// The collector's barrier; false if the system refuses what readers rely on.
pub(super) fn heavy(barrier: Barrier) -> bool {
    // ORD(heavy): SeqCst, paired with the light barrier in `enter` and the fence in `seal`. With
    // the asymmetric barrier it is the collector's own order between its loads.
    fence(Ordering::SeqCst);
    barrier != Barrier::Asymmetric || system::barrier()
}

#[cfg(all(
    any(target_os = "linux", target_os = "android"),
    any(target_arch = "x86_64", target_arch = "aarch64", target_arch = "riscv64")
))]
mod system {
    use rustix::thread::{MembarrierCommand, MembarrierQuery, membarrier, membarrier_query};

    pub(super) fn register() -> bool {
        membarrier_query().contains(MembarrierQuery::PRIVATE_EXPEDITED)
            && membarrier(MembarrierCommand::RegisterPrivateExpedited).is_ok()
    }

    pub(super) fn barrier() -> bool {
        membarrier(MembarrierCommand::PrivateExpedited).is_ok()
    }
}

#[cfg(windows)]
mod system {
    pub(super) fn register() -> bool {
        true
    }

    pub(super) fn barrier() -> bool {
        // SAFETY: takes nothing, returns nothing, and is always allowed.
        unsafe { windows_sys::Win32::System::Threading::FlushProcessWriteBuffers() };
        true
    }
}

#[cfg(not(any(
    windows,
    all(
        any(target_os = "linux", target_os = "android"),
        any(target_arch = "x86_64", target_arch = "aarch64", target_arch = "riscv64")
    )
)))]
mod system {
    pub(super) fn register() -> bool {
        false
    }

    pub(super) fn barrier() -> bool {
        false
    }
}
