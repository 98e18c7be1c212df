export { access } from "./hosts/hono/access.ts";
export { registerAuthEndpoints } from "./hosts/hono/auth-endpoints.ts";
export { type HonoOptions, protect } from "./hosts/hono/protect.ts";
export type { LoginTag, OpenTag, UserVariables } from "./hosts/hono/user-variables.ts";
