//! The whole story once, on real input: a real server, real certificates, a real jail, and a log that is checked.
//!
//! Each file beside this one plays the part of one person; what a step expects is checked, and a step that gets
//! something else ends the demo with its reason.

use std::path::{Path, PathBuf};

use lineage::Duty;

use crate::console::Console;
use crate::language::text;
use crate::problem::Problem;

mod developer;
mod files;
mod operator;
mod provider;
mod regulator;
mod reviewer;
mod server;
mod telling;
mod world;

use telling::Telling;
use world::World;

/// Tells the story in a directory, which must be new.
pub(crate) async fn tell(console: &Console, directory: Option<PathBuf>) -> Result<(), Problem> {
    let directory = world::make_directory(directory)?;
    let mut telling = Telling::new(console);
    let shown = directory.display();
    telling.say(&text!(
        "Karez demo. Everything happens in {shown}; all people in it are invented.",
        "Karez 演示。全部内容位于 {shown}；其中人员均为虚构。"
    ))?;
    let (world, server) = begin(&mut telling, &directory).await?;
    supply(&mut telling, &world).await?;
    develop(&mut telling, &world).await?;
    let delivered = operate(&mut telling, &world).await?;
    end(&mut telling, server).await?;
    regulator::verify(&mut telling, &world, &delivered).await?;
    regulator::tamper(&mut telling, &world).await?;
    next(&mut telling, &world)
}

async fn begin(
    telling: &mut Telling<'_>,
    directory: &Path,
) -> Result<(World, server::Server), Problem> {
    let home = world::make_home(telling, directory).await?;
    let server = server::start(telling, directory, &home).await?;
    let world = World::new(directory, home, server.url());
    Ok((world, server))
}

async fn supply(telling: &mut Telling<'_>, world: &World) -> Result<(), Problem> {
    provider::register(telling, world).await?;
    reviewer::publish(telling, world).await?;
    reviewer::enrol(telling, world).await
}

async fn develop(telling: &mut Telling<'_>, world: &World) -> Result<(), Problem> {
    developer::sample(telling, world).await
}

async fn operate(telling: &mut Telling<'_>, world: &World) -> Result<operator::Delivered, Problem> {
    operator::refused(telling, world).await?;
    operator::submit(telling, world).await?;
    reviewer::approve(telling, world, Duty::Institution).await?;
    reviewer::approve(telling, world, Duty::Provider).await?;
    operator::run(telling, world).await
}

async fn end(telling: &mut Telling<'_>, server: server::Server) -> Result<(), Problem> {
    server.stop(telling).await
}

/// Three commands to try next, as they can be typed.
fn next(telling: &mut Telling<'_>, world: &World) -> Result<(), Problem> {
    let karez = std::env::current_exe().unwrap_or_else(|_| PathBuf::from("karez"));
    let (karez, home) = (karez.display(), world.home().root().display());
    telling.say(&text!("\nTry next:", "\n接下来可以："))?;
    let commands = [
        format!(
            "  {karez} lineage verify {home}/log --key {home}/log.vkey --trust {home}/trust.json"
        ),
        format!("  {karez} serve --dev --home {home}"),
        format!("  {karez} doctor"),
    ];
    commands
        .iter()
        .try_for_each(|command| telling.say(&text!("{command}", "{command}")))
}
