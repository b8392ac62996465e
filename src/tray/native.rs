//! The icon as the desktop knows it.

use super::controller::{Controller, Next};
use super::event_loop;
use super::handle::Inbox;
use super::icon;
use super::menu::{Act, IconKind, Item, Panel, View};
use super::message::{Ending, Message};
use tray_icon::menu::{CheckMenuItem, Menu, MenuEvent, MenuItem, PredefinedMenuItem};
use tray_icon::{Icon, MouseButton, MouseButtonState, TrayIcon, TrayIconBuilder, TrayIconEvent};

/// What is on the screen.
struct Shown {
    icon: TrayIcon,
    view: View,
}

/// Shows the tray, or goes on without one, until it is to end.
pub(super) fn run(mut controller: Controller, inbox: Inbox) -> Ending {
    listen(&inbox);
    let mut shown = None;
    let mut is_first = true;
    event_loop::run(inbox.receiver, move |message| {
        match controller.take(message) {
            Next::End(ending) => return Some(ending),
            Next::Stay => {}
            Next::Show(view) if is_first => {
                is_first = false;
                shown = Shown::new(view);
                controller.look_for_host(shown.is_some());
            }
            Next::Show(view) => {
                if let Some(shown) = &mut shown {
                    shown.change(view);
                }
            }
        }
        None
    })
}

/// Turns clicks into messages.
fn listen(inbox: &Inbox) {
    let clicks = inbox.sender.clone();
    MenuEvent::set_event_handler(Some(move |event: MenuEvent| {
        if let Some(act) = Act::named(event.id().as_ref()) {
            let _ = clicks.send(Message::Act(act));
        }
    }));
    let clicks = inbox.sender.clone();
    TrayIconEvent::set_event_handler(Some(move |event: TrayIconEvent| {
        if let TrayIconEvent::Click {
            button: MouseButton::Left,
            button_state: MouseButtonState::Up,
            ..
        } = event
        {
            let _ = clicks.send(Message::Act(Act::OpenDashboard));
        }
    }));
}

impl Shown {
    /// Puts the icon into the tray; `None` without a session bus.
    fn new(view: View) -> Option<Self> {
        let built = TrayIconBuilder::new()
            .with_id("vestibule")
            .with_title("Vestibule")
            .with_tooltip(&view.tooltip)
            .with_icon(picture(view.icon, view.panel)?)
            .with_menu(Box::new(menu(&view.items)?))
            .build();
        match built {
            Ok(icon) => Some(Self { icon, view }),
            Err(error) => {
                tracing::debug!(%error, "no tray icon");
                None
            }
        }
    }

    /// Shows another view.
    fn change(&mut self, view: View) {
        if (view.icon, view.panel) != (self.view.icon, self.view.panel)
            && let Some(picture) = picture(view.icon, view.panel)
        {
            let _ = self.icon.set_icon(Some(picture));
        }
        if view.tooltip != self.view.tooltip {
            let _ = self.icon.set_tooltip(Some(&view.tooltip));
        }
        // Even if nothing has changed: a click has set a tick.
        if let Some(menu) = menu(&view.items) {
            self.icon.set_menu(Some(Box::new(menu)));
        }
        self.view = view;
    }
}

fn picture(kind: IconKind, panel: Panel) -> Option<Icon> {
    Icon::from_rgba(icon::draw(kind, panel), icon::SIZE, icon::SIZE).ok()
}

fn menu(items: &[Item]) -> Option<Menu> {
    let menu = Menu::new();
    for (index, item) in items.iter().enumerate() {
        let id = item.act.map_or("", Act::name);
        let label = item.label.replace('&', "&&");
        let can_be_clicked = item.act.is_some();
        let added = match item.tick {
            Some(tick) => {
                let item = CheckMenuItem::with_id(id, label, can_be_clicked, tick, None);
                menu.append(&item)
            }
            None => menu.append(&MenuItem::with_id(id, label, can_be_clicked, None)),
        };
        added.ok()?;
        if index == 0 {
            menu.append(&PredefinedMenuItem::separator()).ok()?;
        }
    }
    Some(menu)
}
