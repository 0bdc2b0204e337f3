//! Memory between two fences, for tests: a byte read or written past an allocation ends the process.
//!
//! The allocator of the tests is the system's, except while a thread runs [`fenced`]: then each allocation has pages of
//! its own inside one reserved range, and the pages around them, like those of a freed one, are nobody's.

use std::{
    alloc::{GlobalAlloc, Layout, System},
    cell::Cell,
    ptr,
    sync::atomic::{AtomicUsize, Ordering},
};

use rustix::mm::{Advice, MapFlags, MprotectFlags, ProtFlags, madvise, mmap_anonymous, mprotect};

/// Bytes of a page.
const PAGE_BYTES: usize = 4_096;
/// Addresses that are reserved for fenced memory and never used twice.
const RANGE_BYTES: usize = 1 << 36;

/// Which end of an allocation touches a fence; the other one is less than a page away from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fence {
    /// The first byte stands behind a fence.
    Before,
    /// The last byte stands in front of a fence, as far as the allocation's alignment lets it.
    Behind,
}

thread_local! {
    static FENCE: Cell<Option<Fence>> = const { Cell::new(None) };
}

/// Runs code whose allocations on this thread are fenced.
pub(crate) fn fenced<T>(fence: Fence, run: impl FnOnce() -> T) -> T {
    FENCE.set(Some(fence));
    let done = run();
    FENCE.set(None);
    done
}

/// The allocator of the tests.
struct Fences {
    /// Where the reserved range begins; zero until it is needed.
    start: AtomicUsize,
    /// Bytes of the range given out.
    used: AtomicUsize,
}

#[global_allocator]
static FENCES: Fences = Fences {
    start: AtomicUsize::new(0),
    used: AtomicUsize::new(0),
};

impl Fences {
    /// Where the range begins, reserved by the first to ask; zero where the system refuses.
    fn range(&self) -> usize {
        let start = self.start.load(Ordering::Acquire);
        if start != 0 {
            return start;
        }
        let flags = MapFlags::PRIVATE | MapFlags::NORESERVE;
        // SAFETY: a new mapping at an address that the kernel chooses touches no other.
        let mapped =
            unsafe { mmap_anonymous(ptr::null_mut(), RANGE_BYTES, ProtFlags::empty(), flags) };
        let mapped = mapped.map_or(0, |start| start.addr());
        let set = self
            .start
            .compare_exchange(0, mapped, Ordering::AcqRel, Ordering::Acquire);
        // A second range, mapped by a thread that came too late, stays unused: it is addresses and no memory.
        set.map_or_else(|first| first, |_| mapped)
    }

    fn holds(&self, place: *mut u8) -> bool {
        let start = self.start.load(Ordering::Acquire);
        start != 0 && (start..start + RANGE_BYTES).contains(&place.addr())
    }

    /// Pages of their own, the fence of the last allocation in front of them and one behind.
    fn between(&self, fence: Fence, layout: Layout) -> *mut u8 {
        let bytes = layout.size().next_multiple_of(PAGE_BYTES);
        let taken = self.used.fetch_add(bytes + PAGE_BYTES, Ordering::Relaxed);
        let range = self.range();
        if range == 0 || layout.align() > PAGE_BYTES || taken + bytes + 2 * PAGE_BYTES > RANGE_BYTES
        {
            return ptr::null_mut();
        }
        let first = ptr::with_exposed_provenance_mut::<u8>(range + PAGE_BYTES + taken);
        // SAFETY: the pages are of the reserved range, and nobody else was given them.
        let opened = unsafe {
            let access = MprotectFlags::READ | MprotectFlags::WRITE;
            mprotect(first.cast(), bytes, access)
        };
        let from = match fence {
            Fence::Before => 0,
            Fence::Behind => (bytes - layout.size()) & !(layout.align() - 1),
        };
        opened.map_or(ptr::null_mut(), |()| first.wrapping_add(from))
    }
}

// SAFETY: what the range holds is aligned, large enough and given out once; everything else is the system allocator's.
unsafe impl GlobalAlloc for Fences {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        match FENCE.try_with(Cell::get) {
            Ok(Some(fence)) => self.between(fence, layout),
            // SAFETY: the caller keeps the contract of this function, which is the system allocator's.
            _ => unsafe { System.alloc(layout) },
        }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        if !self.holds(place) {
            // SAFETY: the place is none of the range, so the system allocator gave it out.
            return unsafe { System.dealloc(place, layout) };
        }
        let first = place.map_addr(|place| place & !(PAGE_BYTES - 1));
        let bytes = layout.size().next_multiple_of(PAGE_BYTES);
        // Pages that cannot be given back or closed are never given out again either.
        // SAFETY: the pages held this allocation alone, and nobody may use it any more.
        unsafe {
            madvise(first.cast(), bytes, Advice::LinuxDontNeed).ok();
            mprotect(first.cast(), bytes, MprotectFlags::empty()).ok();
        }
    }
}

#[cfg(test)]
mod tests;
