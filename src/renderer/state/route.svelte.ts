// Where in the application the user is, kept in the address: reload, back and a second tab do what one expects.

export type Route =
  | { readonly page: 'sessions' }
  | { readonly page: 'record' }
  | { readonly page: 'analyse' }
  | { readonly page: 'participants' }
  | { readonly page: 'settings' }
  | { readonly page: 'latency' }
  | { readonly page: 'review'; readonly id: string };

function parse(hash: string): Route {
  const [, page, id] = hash.replace(/^#/, '').split('/');
  if (page === 'latency') return { page };
  if (page === 'record' || page === 'analyse' || page === 'participants' || page === 'settings') return { page };
  if (page !== 'review' || !id) return { page: 'sessions' };
  try {
    return { page, id: decodeURIComponent(id) };
  } catch {
    return { page: 'sessions' }; // not an address of ours
  }
}

export class Router {
  #route = $state<Route>(parse(location.hash));

  constructor() {
    window.addEventListener('hashchange', () => (this.#route = parse(location.hash)));
  }

  get route(): Route {
    return this.#route;
  }
}

export function addressOf(route: Route): string {
  if (route.page === 'review') return `#/review/${encodeURIComponent(route.id)}`;
  return route.page === 'sessions' ? '#/' : `#/${route.page}`;
}
