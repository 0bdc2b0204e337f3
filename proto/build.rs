//! Compiles `karez/v1/*.proto` with protox, so that no `protoc` is needed.

use std::{env, error::Error, fs, path::PathBuf};

const PROTOS: [&str; 11] = [
    "karez/v1/dataset.proto",
    "karez/v1/file.proto",
    "karez/v1/job.proto",
    "karez/v1/key.proto",
    "karez/v1/lineage.proto",
    "karez/v1/product.proto",
    "karez/v1/refusal.proto",
    "karez/v1/release.proto",
    "karez/v1/reversal.proto",
    "karez/v1/sample.proto",
    "karez/v1/scenario.proto",
];

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=karez");
    let mut compiler = protox::Compiler::new(["."])?;
    compiler
        .include_source_info(true)
        .include_imports(true)
        .open_files(PROTOS)?;
    let out = PathBuf::from(env::var("OUT_DIR")?);
    fs::write(
        out.join("karez_v1.bin"),
        compiler.encode_file_descriptor_set(),
    )?;
    tonic_prost_build::configure()
        .bytes(".karez.v1")
        .compile_fds(compiler.file_descriptor_set())?;
    Ok(())
}
