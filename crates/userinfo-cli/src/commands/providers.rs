//! `userinfo providers`: what is configured and what it can do.

use serde::Serialize;
use userinfo_core::{Instance, LookupKind, one_line};
use userinfo_layers::Layers;

use super::table_or_json;
use crate::{
    args::{Common, Output},
    config,
    failure::Failure,
    output::{self, Grid},
    world::World,
};

pub(crate) fn run(common: &Common, world: &mut World<'_>) -> Result<(), Failure> {
    let form = table_or_json(common.output_on(world.screen))?;
    let registry = config::load(common, world)?.registry(world)?;
    if form == Output::Json {
        let rows: Vec<_> =
            registry.iter().map(|(name, instance)| row(name, instance, world.layers)).collect();
        return Ok(output::json(&rows, world.stdout)?);
    }
    let mut grid = Grid::with_header(["instance", "kind", "vendor", "look-ups", "docs", "layers"]);
    for (name, instance) in registry.iter() {
        let about = instance.provider.descriptor();
        let lookups: Vec<_> = lookups(instance).map(LookupKind::as_str).collect();
        let everywhere = ["trace", "single_flight", "attempt"];
        let layers: Vec<_> =
            order(name, world.layers).into_iter().filter(|it| !everywhere.contains(it)).collect();
        let layers = layers.join(" > ");
        let cells = [&one_line(name), about.kind, about.vendor, &lookups.join(", "), about.docs, &layers];
        grid.push(cells.map(str::to_owned));
    }
    Ok(grid.write(world.stdout, world.screen)?)
}

#[derive(Serialize)]
struct Row<'a> {
    instance: &'a str,
    kind: &'static str,
    vendor: &'static str,
    lookups: Vec<String>,
    /// Outermost first.
    layers: Vec<&'static str>,
    docs: &'static str,
}

fn row<'a>(name: &'a str, instance: &Instance, layers: &Layers) -> Row<'a> {
    let about = instance.provider.descriptor();
    let lookups = lookups(instance).map(|it| it.as_str().replace(' ', "_")).collect();
    let layers = order(name, layers);
    Row { instance: name, kind: about.kind, vendor: about.vendor, lookups, layers, docs: about.docs }
}

/// The layers around an instance, outermost first.
fn order(name: &str, layers: &Layers) -> Vec<&'static str> {
    layers.get(name).map(|stack| stack.order()).unwrap_or_default()
}

fn lookups(instance: &Instance) -> impl Iterator<Item = LookupKind> {
    LookupKind::ALL.into_iter().filter(|kind| instance.provider.supports(*kind))
}
