import { index, type RouteConfig, route } from "@react-router/dev/routes";

export default [
	index("routes/overview.tsx"),
	route("profile", "routes/profile.tsx"),
	route("admin", "routes/admin.tsx", [
		index("routes/users.tsx"),
		route("audit", "routes/audit.tsx"),
	]),
] satisfies RouteConfig;
