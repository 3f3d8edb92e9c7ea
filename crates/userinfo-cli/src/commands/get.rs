//! `userinfo get`: one look-up.

use super::question;
use crate::{
    args::{Common, Question},
    failure::Failure,
    output,
    world::World,
};

pub(crate) fn run(question: &Question, common: &Common, world: &mut World<'_>) -> Result<(), Failure> {
    let form = output::form_of_a_user(common, world.screen)?;
    let user = question::ask(question, common, world)?;
    output::user(&user, form, common.mask, world)
}
