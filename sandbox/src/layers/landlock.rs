//! Landlock: no right on any path; none on ports and processes outside where the kernel knows those rights.

use landlock::{
    ABI, Access, AccessFs, AccessNet, CompatLevel, Compatible, LandlockStatus, Ruleset,
    RulesetAttr, RulesetError, RulesetStatus, Scope,
};

use crate::layer::Broken;

/// File-system rights of this version are required: Linux 5.19 has them, and Debian 12.
const REQUIRED: ABI = ABI::V2;

/// Rights of this version are asked for and recorded when the kernel lacks them; namespaces and the system-call
/// filter close the same doors.
const WISHED: ABI = ABI::V6;

/// Puts a rule set without a single rule in force: nothing is allowed.
pub(crate) fn apply() -> Result<String, Broken> {
    let status = restrict().map_err(|error| Broken {
        step: step(&error),
        errno: errno(&error),
    })?;
    let required = matches!(status.landlock, LandlockStatus::Available { effective_abi, .. } if effective_abi >= REQUIRED);
    if !required || status.ruleset == RulesetStatus::NotEnforced || !status.no_new_privs {
        return Err(Broken::ineffective("landlock_restrict_self"));
    }
    Ok(match status.landlock {
        LandlockStatus::Available { effective_abi, .. } => describe(effective_abi),
        LandlockStatus::NotEnabled | LandlockStatus::NotImplemented => String::new(),
    })
}

fn restrict() -> Result<landlock::RestrictionStatus, RulesetError> {
    Ruleset::default()
        .set_compatibility(CompatLevel::HardRequirement)
        .handle_access(AccessFs::from_all(REQUIRED))?
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(AccessFs::from_all(WISHED))?
        .handle_access(AccessNet::from_all(WISHED))?
        .scope(Scope::from_all(WISHED))?
        .create()?
        .restrict_self()
}

fn describe(abi: ABI) -> String {
    let has = |since| {
        if abi >= since {
            "denied"
        } else {
            "unknown to this kernel"
        }
    };
    format!(
        "ABI {}: every path denied, ports {}, outside processes {}",
        abi as i32,
        has(ABI::V4),
        has(ABI::V6)
    )
}

fn step(error: &RulesetError) -> &'static str {
    match error {
        RulesetError::CreateRuleset(_) => "landlock_create_ruleset",
        RulesetError::RestrictSelf(_) => "landlock_restrict_self",
        RulesetError::HandleAccesses(_) | RulesetError::Scope(_) => "landlock rights of ABI 2",
        _ => "landlock",
    }
}

/// The kernel's number, somewhere down the chain of causes; without one the kernel does not know the rights.
fn errno(error: &RulesetError) -> i32 {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(error) = cause {
        if let Some(number) = error
            .downcast_ref::<std::io::Error>()
            .and_then(std::io::Error::raw_os_error)
        {
            return number;
        }
        cause = error.source();
    }
    libc::ENOSYS
}
