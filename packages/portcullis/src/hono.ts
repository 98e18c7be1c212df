export { protect, type UserVariables } from "./hosts/hono.ts";
export { registerAuthEndpoints } from "./hosts/hono-auth-endpoints.ts";
export { page } from "./hosts/hono-tags.ts";
