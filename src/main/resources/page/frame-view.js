import { html, useRef, useState } from './vendor/htm-preact.js';

const MODES = {
  stream: ['live', 'Every event, as it happens.'],
  pages: ['live', 'All streams are taken: events are fetched twice a second.'],
  missing: ['empty', 'There is no such sandbox yet; the first action makes it.'],
  lost: ['no connection', 'The server does not answer; it is tried again.'],
  connecting: ['connecting', ''],
};

const THEMES = ['auto', 'light', 'dark'];
const THEME = 'virq-theme';

function useTheme() {
  const [theme, setTheme] = useState(localStorage.getItem(THEME) ?? 'auto');
  document.documentElement.dataset.theme = theme;
  const next = () => {
    const other = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length];
    localStorage.setItem(THEME, other);
    setTheme(other);
  };
  return [theme, next];
}

/** Name of the sandbox, and how the page hears of it. */
export function Top({ now, onOpen }) {
  const [theme, nextTheme] = useTheme();
  const field = useRef(null);
  const [mode, more] = MODES[now.mode] ?? MODES.connecting;
  const submit = (e) => {
    e.preventDefault();
    onOpen(field.current.value.trim());
  };
  return html`<header class="top">
    <h1><img src="icon.svg" alt="" width="22" height="22" /> virq</h1>
    <form class="sandbox" onSubmit=${submit}>
      <label for="sandbox">Sandbox</label>
      <input id="sandbox" ref=${field} value=${now.sandbox} key=${now.sandbox} pattern="[a-z0-9]([\\-a-z0-9]{0,61}[a-z0-9])?" title="small letters, digits and hyphens" size="12" autocomplete="off" spellcheck="false" />
      <button class="small">Open</button>
    </form>
    <span class=${'mode ' + now.mode} title=${more}>${mode}</span>
    <span class="grow"></span>
    <nav aria-label="Elsewhere">
      <button class="small" onClick=${nextTheme} aria-label=${`Colours: ${theme}. Change.`}>◐ ${theme}</button>
      <a href="/swagger-ui/index.html">API</a>
    </nav>
  </header>`;
}

/** Asked for when the server wants one. */
export function Token({ onToken, wrong }) {
  const field = useRef(null);
  const submit = (e) => {
    e.preventDefault();
    onToken(field.current.value.trim());
  };
  return html`<form class="token" onSubmit=${submit}>
    <label for="token">${wrong ? 'That token is not known here. Another one:' : 'This server asks for a token:'}</label>
    <input id="token" ref=${field} type="password" autocomplete="off" size="32" />
    <button class="primary">Use it</button>
    <span>It is kept in this tab only, and sent to this server only.</span>
  </form>`;
}

/** Tabs as ARIA has them: arrow keys between them. tabs is [[name, content()]…]. */
export function Tabs({ id, label, tabs }) {
  const [at, setAt] = useState(0);
  const bar = useRef(null);
  const keys = (e) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[e.key];
    if (!step) return;
    e.preventDefault();
    const other = (at + step + tabs.length) % tabs.length;
    setAt(other);
    bar.current.children[other].focus();
  };
  return html`<div class="tabs" role="tablist" aria-label=${label} ref=${bar} onKeyDown=${keys}>
      ${tabs.map(([name], i) => html`<button role="tab" id=${`${id}-tab-${i}`} aria-selected=${i === at} aria-controls=${`${id}-panel`} tabindex=${i === at ? 0 : -1} onClick=${() => setAt(i)}>${name}</button>`)}
    </div>
    <div class="tab-panel" role="tabpanel" id=${`${id}-panel`} aria-labelledby=${`${id}-tab-${at}`} tabindex="-1">${tabs[at][1]()}</div>`;
}
