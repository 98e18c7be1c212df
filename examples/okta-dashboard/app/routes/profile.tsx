import { Avatar } from "../avatar.tsx";
import { Card } from "../card.tsx";
import { ClaimValue } from "../claim-value.tsx";
import { DevicesCard } from "../devices-card.tsx";
import { useServerState } from "../portcullis.ts";

/**
 * What the identity provider says about the person: for everyone who is signed in, regardless of
 * their groups.
 */
export default function Profile() {
	const { name, email, picture, claims, devices, hasRole, isAdmin } = useServerState("profile");
	return (
		<>
			<title>Profile - Dashboard</title>
			<div className="page-head">
				<div className="person">
					<Avatar name={name} picture={picture} size="large" />
					<div>
						<h1>{name}</h1>
						<p className="muted">{email}</p>
					</div>
				</div>
				<span className={`badge ${hasRole ? "good" : ""}`}>
					{isAdmin ? "Administrator" : hasRole ? "Viewer" : "No role here"}
				</span>
			</div>
			{!hasRole && (
				<p className="hint">
					Your account has no role in this dashboard. An administrator can give you one.
				</p>
			)}
			<DevicesCard devices={devices} />
			<Card title="Claims" note="As your identity provider sent them, by name">
				<dl className="claims">
					{claims.map((claim) => (
						<div key={claim.name}>
							<dt>
								<code>{claim.name}</code>
							</dt>
							<dd>
								<ClaimValue {...claim} />
							</dd>
						</div>
					))}
				</dl>
			</Card>
		</>
	);
}
