/** What the page knows, in one object; whoever shows it is told of each change. */
export class Store {
  constructor(first) {
    this.state = first;
    this.listeners = new Set();
  }

  subscribe(listener) {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  set(change) {
    this.state = { ...this.state, ...change };
    for (const listener of this.listeners) listener(this.state);
  }
}

/** The newest of a list. */
export function newest(list, most) {
  return list.length > most ? list.slice(list.length - most) : list;
}
