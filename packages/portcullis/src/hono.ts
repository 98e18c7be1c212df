export { page } from "./hosts/hono/access.ts";
export { registerAuthEndpoints } from "./hosts/hono/auth-endpoints.ts";
export { protect, type UserVariables } from "./hosts/hono/protect.ts";
