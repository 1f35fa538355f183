// The page's only script: sends what people do, and shows what has changed.
"use strict";

const PARTS = ["sidebar", "place", "messages", "thread"];
const byId = (id) => document.getElementById(id);
let known = Number(document.body.dataset.changes);  // what came after the page is a change
let decide = () => {};

async function send(deed, content) {
  const body = JSON.stringify({ as: document.body.dataset.as, ...content });
  const headers = { "Content-Type": "application/json" };
  const answer = await fetch(`/page/${deed}`, { method: "POST", headers, body });
  const result = answer.ok ? await answer.json() : { ok: false, error: await answer.text() };
  if (!result.ok) tell(result.error);
  await refresh();
}

function tell(text) {
  const toast = byId("toast");
  toast.textContent = `That did not work: ${text}`;
  toast.hidden = false;
  setTimeout(() => { toast.hidden = true; }, 5000);
}

async function refresh() {
  const answer = await fetch(location.href);
  if (!answer.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  PARTS.forEach((id) => replace(byId(id), fresh.getElementById(id)));
  const modal = fresh.getElementById("modal");
  if (modal.dataset.key !== byId("modal").dataset.key) {
    const entered = values(byId("modal"));
    replace(byId("modal"), modal);
    restore(byId("modal"), entered);
    byId("modal").querySelector(".content :is(input, textarea, select)")?.focus();
  }
}

function replace(old, fresh) {
  if (old.contains(document.activeElement) && old.querySelector("textarea:focus")?.value) return;
  if (old.dataset.shown === fresh.innerHTML) return;
  const list = old.matches("#messages") ? old : old.querySelector(".replies-list");
  const atEnd = list && list.scrollHeight - list.scrollTop - list.clientHeight < 80;
  const open = old.querySelector("details[open]");
  if (open && old.id !== "modal") return;
  old.innerHTML = fresh.innerHTML;
  old.dataset.shown = fresh.innerHTML;
  old.dataset.key = fresh.dataset.key ?? "";
  old.hidden = fresh.hidden;
  if (atEnd) toEnd();
}

function toEnd() {
  document.querySelectorAll("#messages, .replies-list").forEach((list) => {
    list.scrollTop = list.scrollHeight;
  });
}

function valueOf(element) {
  if (element.dataset.kind === "checkboxes") {
    return [...element.querySelectorAll("input:checked")].map((input) => input.value);
  }
  if (element.dataset.kind === "radio_buttons") {
    return element.querySelector("input:checked")?.value ?? null;
  }
  return element.value || null;
}

function values(modal) {
  const entered = {};
  modal.querySelectorAll("[data-input] [data-action]").forEach((element) => {
    entered[element.dataset.block] = valueOf(element);
  });
  return entered;
}

function restore(modal, entered) {
  modal.querySelectorAll("[data-input] [data-action]").forEach((element) => {
    const value = entered[element.dataset.block];
    if (typeof value === "string" && "value" in element) element.value = value;
  });
}

function confirmed(texts) {
  decide(false);
  const dialog = byId("confirm");
  const [deny, accept] = dialog.querySelectorAll("button");
  dialog.querySelector("h2").textContent = texts.title;
  dialog.querySelector("p").textContent = texts.text;
  deny.textContent = texts.deny;
  accept.textContent = texts.confirm;
  accept.className = `button ${texts.style}`;
  dialog.returnValue = "no";
  dialog.showModal();
  return new Promise((done) => { decide = done; });
}

// The browser tells late that a dialog has closed; by then it may be open again for another button.
byId("confirm").addEventListener("close", () => {
  if (!byId("confirm").open) decide(byId("confirm").returnValue === "yes");
});

async function use(element, value) {
  const { action, block, confirm } = element.dataset;
  if (confirm && !(await confirmed(JSON.parse(confirm)))) return;
  if (/^https?:/.test(element.dataset.url ?? "")) {
    window.open(element.dataset.url, "_blank", "noopener");
  }
  const modal = element.closest("[data-view]");
  const message = element.closest("[data-ts]");
  const where = modal
    ? { view: modal.dataset.view, values: values(modal) }
    : { channel: message.dataset.channel, ts: message.dataset.ts };
  element.disabled = true;
  await send("click", { ...where, action_id: action, block_id: block, value });
  element.disabled = false;
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-action]");
  const open = document.querySelector("details.overflow[open]");
  if (open && (button || !open.contains(event.target))) open.open = false;
  if (button) use(button, button.dataset.value ?? null);
  if (event.target.closest("[data-close]")) {
    send("close", { view: event.target.closest("[data-view]").dataset.view });
  }
});

document.addEventListener("change", (event) => {
  if (event.target.id === "viewer") {
    location.href = `/?as=${event.target.value}&in=${document.body.dataset.channel}`;
    return;
  }
  const element = event.target.closest("[data-action]");
  if (element && !element.closest("[data-input]")) use(element, valueOf(element));
});

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method === "dialog") return;
  event.preventDefault();
  if (form.matches(".modal")) {
    send("submit", { view: form.dataset.view, values: values(form) });
  } else {
    const box = form.querySelector("textarea");
    const text = box.value.trim();
    box.value = "";
    const channel = document.body.dataset.channel;
    if (text) send("say", { channel, text, thread: form.dataset.thread }).then(toEnd);
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && event.target.matches(".composer textarea")) {
    event.preventDefault();
    event.target.form.requestSubmit();
  }
});

async function watch() {
  try {
    const answer = await fetch("/page/changes");
    const { changes } = await answer.json();
    if (changes !== known) await refresh();
    known = changes;
  } catch {
    // the server has ended; keep looking, it may come back
  }
  setTimeout(watch, 1000);
}

toEnd();
watch();
