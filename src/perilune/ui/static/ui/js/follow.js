// After an edit in place: the figures beside it follow what was written. Parts marked data-follows are
// asked for anew; until they come they are dimmed, so that an old figure never passes for a new one.
const TRIES = 5;
let latest = 0;

function parts() {
  return document.querySelectorAll("[data-follows]");
}

async function asked(extra) {
  const url = new URL(location.href);
  for (const [name, value] of Object.entries(extra)) url.searchParams.set(name, value);
  const answer = await fetch(url).catch(() => null);
  return answer?.ok ? new DOMParser().parseFromString(await answer.text(), "text/html") : null;
}

function take(page) {
  for (const old of parts()) {
    const fresh = page.getElementById(old.id);
    if (!fresh || !old.isConnected) continue;
    old.replaceWith(document.adoptNode(fresh));
    window.htmx.process(fresh);
  }
  document.title = page.title;
}

// `extra`: parameters added to the page's address. The store follows within a second; where it is held
// up, the page says by how much it is behind and is asked again.
export async function follow(extra = {}, tries = TRIES) {
  const mine = ++latest;
  parts().forEach((part) => part.setAttribute("aria-busy", "true"));
  const page = await asked(extra);
  if (mine !== latest) return;
  if (page) take(page);
  parts().forEach((part) => part.removeAttribute("aria-busy"));
  if (page?.querySelector("[data-waiting]") && tries > 1) {
    await new Promise((resume) => setTimeout(resume, 1000));
    if (mine === latest) await follow(extra, tries - 1);
  }
}

document.addEventListener("written", () => follow());
