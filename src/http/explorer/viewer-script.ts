/**
 * Browser script with which both explorers stay signed in: it defines `fetchAsViewer`, a `fetch` that remembers the tokens
 * of the last login or refresh. It sends the access token with requests to this API that have no `Authorization` of their
 * own, and gives the operation `Refresh` the refresh token unless one was typed in. The tokens live as long as the
 * browser's tab.
 */
export const viewerScript = `
  const api = location.origin + location.pathname;
  const plainFetch = window.fetch.bind(window);
  const tokens = ["token", "refreshToken"];

  async function fetchAsViewer(resource, options = {}) {
    const { origin, pathname } = new URL(resource, location.href);
    if (origin + pathname !== api) return plainFetch(resource, options);
    const headers = new Headers(options.headers);
    const token = sessionStorage.getItem("wxpass.token");
    if (token && !headers.has("authorization")) headers.set("authorization", "Bearer " + token);
    const response = await plainFetch(resource, { ...options, headers, body: withRefreshToken(options.body) });
    await rememberTokens(response.clone());
    return response;
  }

  function withRefreshToken(body) {
    const refreshToken = sessionStorage.getItem("wxpass.refreshToken");
    if (!refreshToken || typeof body !== "string") return body;
    const request = JSON.parse(body);
    if (request.operationName !== "Refresh" || request.variables?.refreshToken) return body;
    return JSON.stringify({ ...request, variables: { ...request.variables, refreshToken } });
  }

  async function rememberTokens(response) {
    const { data } = await response.json().catch(() => ({}));
    for (const field of Object.values(data ?? {})) {
      for (const name of tokens) {
        if (typeof field?.[name] === "string") sessionStorage.setItem("wxpass." + name, field[name]);
      }
    }
  }
`;
