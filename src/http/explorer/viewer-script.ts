/**
 * Browser script with which both explorers stay signed in: it defines `fetchAsViewer`, a `fetch` that remembers the token
 * of the last login and sends it with requests to this API that have no `Authorization` of their own. The token lives as
 * long as the browser's tab.
 */
export const viewerScript = `
  const api = location.origin + location.pathname;
  const plainFetch = window.fetch.bind(window);

  async function fetchAsViewer(resource, options = {}) {
    const { origin, pathname } = new URL(resource, location.href);
    if (origin + pathname !== api) return plainFetch(resource, options);
    const headers = new Headers(options.headers);
    const token = sessionStorage.getItem("wxpass.token");
    if (token && !headers.has("authorization")) headers.set("authorization", "Bearer " + token);
    const response = await plainFetch(resource, { ...options, headers });
    await rememberToken(response.clone());
    return response;
  }

  async function rememberToken(response) {
    const { data } = await response.json().catch(() => ({}));
    for (const field of Object.values(data ?? {})) {
      if (typeof field?.token === "string") sessionStorage.setItem("wxpass.token", field.token);
    }
  }
`;
