//! No capabilities, no way to get new ones, not dumpable, an empty keyring.

use rustix::process::{
    DumpableBehavior, Signal, dumpable_behavior, parent_process_death_signal,
    set_dumpable_behavior, set_parent_process_death_signal,
};
use rustix::thread::{
    CapabilitiesSecureBits, CapabilitySet, CapabilitySets, capabilities,
    capability_is_in_bounding_set, clear_ambient_capability_set, no_new_privs,
    remove_capability_from_bounding_set, set_capabilities, set_capabilities_secure_bits,
    set_no_new_privs,
};

use crate::layer::{AtStep, Broken};

/// The kernel keeps capabilities in 64 bits; numbers it does not know answer with an error.
const CAPABILITY_BITS: u32 = 64;

/// `KEYCTL_JOIN_SESSION_KEYRING` of `linux/keyctl.h`.
const JOIN_SESSION_KEYRING: libc::c_long = 1;

/// User id 0 means nothing, and none of these bits can be taken back.
const LOCKED: CapabilitiesSecureBits = CapabilitiesSecureBits::NO_ROOT
    .union(CapabilitiesSecureBits::NO_ROOT_LOCKED)
    .union(CapabilitiesSecureBits::NO_SETUID_FIXUP)
    .union(CapabilitiesSecureBits::NO_SETUID_FIXUP_LOCKED)
    .union(CapabilitiesSecureBits::KEEP_CAPS_LOCKED)
    .union(CapabilitiesSecureBits::NO_CAP_AMBIENT_RAISE)
    .union(CapabilitiesSecureBits::NO_CAP_AMBIENT_RAISE_LOCKED);

/// Gives up every privilege; the sets inside a new user namespace are full, so each is emptied by name.
pub(crate) fn apply() -> Result<String, Broken> {
    empty_keyring().step("keyctl(JOIN_SESSION_KEYRING)")?;
    clear_ambient_capability_set().step("prctl(PR_CAP_AMBIENT_CLEAR_ALL)")?;
    empty_bounding_set()?;
    set_capabilities_secure_bits(LOCKED).step("prctl(PR_SET_SECUREBITS)")?;
    let none = CapabilitySet::empty();
    set_capabilities(
        None,
        CapabilitySets {
            effective: none,
            permitted: none,
            inheritable: none,
        },
    )
    .step("capset")?;
    set_no_new_privs(true).step("prctl(PR_SET_NO_NEW_PRIVS)")?;
    set_dumpable_behavior(DumpableBehavior::NotDumpable).step("prctl(PR_SET_DUMPABLE, 0)")?;
    die_with_parent()?;
    verify()
}

/// The kernel forgets the signal at a fork and at some changes of rights, so it is set again after each.
pub(crate) fn die_with_parent() -> Result<(), Broken> {
    set_parent_process_death_signal(Some(Signal::KILL)).step("prctl(PR_SET_PDEATHSIG)")
}

fn empty_bounding_set() -> Result<(), Broken> {
    for bit in 0..CAPABILITY_BITS {
        let capability = CapabilitySet::from_bits_retain(1 << bit);
        // The kernel answers EINVAL to the first number that it has no capability for.
        if capability_is_in_bounding_set(capability).unwrap_or(false) {
            remove_capability_from_bounding_set(capability).step("prctl(PR_CAPBSET_DROP)")?;
        }
    }
    Ok(())
}

/// A new session keyring without a name: the user's own keys are out of reach.
fn empty_keyring() -> std::io::Result<()> {
    // SAFETY: the second argument is a null name, which the call allows; it touches no memory of this process.
    #[expect(unsafe_code, reason = "no safe wrapper of keyctl")]
    let answer = unsafe {
        libc::syscall(
            libc::SYS_keyctl,
            JOIN_SESSION_KEYRING,
            0_usize,
            0_usize,
            0_usize,
            0_usize,
        )
    };
    if answer < 0 {
        Err(std::io::Error::last_os_error())
    } else {
        Ok(())
    }
}

fn verify() -> Result<String, Broken> {
    let sets = capabilities(None).step("capget")?;
    let none = (sets.effective | sets.permitted | sets.inheritable).is_empty();
    let bounded = (0..CAPABILITY_BITS).all(|bit| {
        !capability_is_in_bounding_set(CapabilitySet::from_bits_retain(1 << bit)).unwrap_or(false)
    });
    let locked = no_new_privs().step("prctl(PR_GET_NO_NEW_PRIVS)")?;
    let hidden =
        dumpable_behavior().step("prctl(PR_GET_DUMPABLE)")? == DumpableBehavior::NotDumpable;
    let mortal =
        parent_process_death_signal().step("prctl(PR_GET_PDEATHSIG)")? == Some(Signal::KILL);
    match none && bounded && locked && hidden && mortal {
        true => Ok("no capability in any set, no_new_privs, not dumpable, own empty keyring, dies with its parent".into()),
        false => Err(Broken::ineffective("capget and prctl after dropping privileges")),
    }
}
