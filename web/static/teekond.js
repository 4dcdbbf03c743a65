// Small comforts only: everything on these pages works without this file.
"use strict";

// The summary of faults is where a person should be after sending a form.
document.getElementById("faults")?.focus();

// Files that are too large or too many are told at once, before anything is sent; sending them is left off.
for (const input of document.querySelectorAll("input[type=file][data-most]")) {
  const told = document.querySelector("[data-too-large]");
  const tooLarge = () => {
    const all = [...input.files], large = all.filter((f) => f.size > Number(input.dataset.most)).map((f) => f.name);
    const bad = large.length > 0 || all.length > Number(input.dataset.number);
    told.hidden = !bad;
    told.querySelector("span").textContent = large.join(", ") || String(all.length);
    return bad;
  };
  input.addEventListener("change", tooLarge);
  input.form.addEventListener("submit", (event) => {
    if (!tooLarge()) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    input.focus();
  });
}

// A second click on a form's button sends nothing a second time.
for (const form of document.querySelectorAll("form[method=post]")) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "yes";
    window.addEventListener("pageshow", () => delete form.dataset.sent, { once: true });
  });
}

// What was typed into a letter stays in this tab until it is sent: another page, a reload or the other language loses
// nothing. A closed tab and signing out forget it, so that the next person at this computer does not read it.
for (const form of document.querySelectorAll("form[data-keep]")) {
  const key = `draft:${form.dataset.keep}`, texts = [...form.querySelectorAll("textarea, input[type=text]")];
  if (texts.every((text) => !text.value)) {
    const kept = JSON.parse(sessionStorage.getItem(key) || "{}");
    for (const text of texts) text.value = kept[text.name] || "";
    form.querySelector("[data-restored]").hidden = texts.every((text) => !text.value);
  }
  form.addEventListener("input", () => {
    sessionStorage.setItem(key, JSON.stringify(Object.fromEntries(texts.map((text) => [text.name, text.value]))));
  });
}
document.addEventListener("submit", (event) => {
  const ends = event.submitter?.dataset.ends;
  if (ends) sessionStorage.removeItem(`draft:${ends}`);
  if (event.target.matches('[action$="/signout"]')) sessionStorage.clear();
});

// A letter to many is kept as a draft on the server while it is typed: a closed tab loses nothing, nor another device.
for (const form of document.querySelectorAll("form[data-save]")) {
  let waits = 0;
  const save = () => {
    if (!waits) return;
    clearTimeout(waits);
    waits = 0;
    const typed = new FormData(form);
    for (const name of ["files", "off"]) typed.delete(name);
    typed.set("do", "keep");
    fetch(form.action, { method: "POST", body: new URLSearchParams(typed), keepalive: true, redirect: "manual" })
      .then((answer) => { form.querySelector("[data-saved]").hidden = answer.status !== 204; })
      .catch(() => {});
  };
  form.addEventListener("input", () => {
    form.querySelector("[data-saved]").hidden = true;
    clearTimeout(waits);
    waits = setTimeout(save, 1500);
  });
  form.addEventListener("submit", () => { clearTimeout(waits); waits = 0; });
  window.addEventListener("pagehide", save);
}

// A button to print, where there is a printer's program to call.
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}

// The composition of a team, counted while it is being typed; the words come from the page.
const meter = document.querySelector("[data-meter]");
if (meter) {
  const count = () => {
    const people = [...document.querySelectorAll("[data-member]")].filter((m) =>
      [...m.querySelectorAll("input[type=text], input[type=email]")].some((i) => i.value.trim()));
    const sides = people.map((m) => m.querySelector("input[type=radio]:checked")?.value);
    for (const part of meter.querySelectorAll("[data-part]")) {
      const kind = part.dataset.part;
      const n = kind ? sides.filter((s) => s === kind).length : people.length;
      const figure = part.querySelector("[data-count]");
      if (figure.textContent !== String(n)) figure.textContent = n;
      part.classList.toggle("met", n >= Number(part.dataset.least));
    }
  };
  document.addEventListener("input", count);
  count();
}

// The lists that choose the contact and the deputy show names as they are typed.
for (const input of document.querySelectorAll("[data-member] input[data-name]")) {
  const show = () => {
    for (const option of document.querySelectorAll(`option[value="${input.dataset.name}"][data-blank]`)) {
      option.textContent = input.value.trim() || option.dataset.blank;
    }
  };
  input.addEventListener("input", show);
}
