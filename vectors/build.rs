//! Lists the vector files, so that the crate carries them all.

use std::error::Error;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

const FOLDERS: [&str; 4] = ["grammar", "sequence", "server", "user-agent"];

fn main() -> Result<(), Box<dyn Error>> {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?);
    let mut files = Vec::new();
    println!("cargo::rerun-if-changed=build.rs");
    for folder in FOLDERS {
        let folder = root.join(folder);
        // A folder that is not there yet is noticed through its parent.
        let watched = if folder.is_dir() { &folder } else { &root };
        println!("cargo::rerun-if-changed={}", watched.display());
        if folder.is_dir() {
            collect(&folder, &mut files)?;
        }
    }
    let mut entries = files.iter().map(|file| entry(&root, file)).collect::<Result<Vec<_>, _>>()?;
    entries.sort();
    let mut code = String::from("const ALL: &[(&str, &str)] = &[\n");
    for (name, path) in entries {
        writeln!(code, "    ({name:?}, include_str!({path:?})),")?;
    }
    code.push_str("];\n");
    fs::write(PathBuf::from(env::var("OUT_DIR")?).join("all.rs"), code)?;
    Ok(())
}

/// Adds the JSON files of a folder and of those below it. Hidden ones are not vectors yet.
fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> Result<(), Box<dyn Error>> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if name.starts_with('.') {
            continue;
        }
        if path.is_dir() {
            collect(&path, files)?;
        } else if name.ends_with(".json") {
            files.push(path);
        }
    }
    Ok(())
}

fn entry(root: &Path, file: &Path) -> Result<(String, String), Box<dyn Error>> {
    let parts = file.strip_prefix(root)?.iter().map(|part| part.to_str().ok_or("not UTF-8"));
    let name = parts.collect::<Result<Vec<_>, _>>()?.join("/");
    let path = file.to_str().ok_or("not UTF-8")?;
    Ok((name, path.to_owned()))
}
