CREATE TABLE astra_grants (
	key VARCHAR(255) NOT NULL, 
	access_token TEXT NOT NULL, 
	access_expires_at DOUBLE PRECISION NOT NULL, 
	refresh_token TEXT NOT NULL, 
	refresh_expires_at DOUBLE PRECISION NOT NULL, 
	astra_user_id VARCHAR(255), 
	version BIGINT NOT NULL, 
	state VARCHAR(16) NOT NULL, 
	refreshed_at DOUBLE PRECISION NOT NULL, 
	attempted_at DOUBLE PRECISION DEFAULT '0' NOT NULL, 
	lease_owner VARCHAR(64), 
	lease_until DOUBLE PRECISION DEFAULT '0' NOT NULL, 
	PRIMARY KEY (key)
);
CREATE INDEX astra_grants_due ON astra_grants (state, refreshed_at);
CREATE INDEX ix_astra_grants_astra_user_id ON astra_grants (astra_user_id);
INSERT INTO astra_grants (key, access_token, access_expires_at, refresh_token, refresh_expires_at, astra_user_id, version, state, refreshed_at, attempted_at, lease_owner, lease_until) VALUES ('Größe ''x''', 'access-2', 1799920800.0, 'refresh-2', 1800777600.0, 'usr_3', 1799913600002, 'active', 1799913600.0, 0.0, NULL, 0.0);
INSERT INTO astra_grants (key, access_token, access_expires_at, refresh_token, refresh_expires_at, astra_user_id, version, state, refreshed_at, attempted_at, lease_owner, lease_until) VALUES ('customer-1', 'access-0', 1799488800.0, 'refresh-0', 1800345600.0, 'usr_1', 1799481600000, 'active', 1799481600.0, 0.0, NULL, 0.0);
INSERT INTO astra_grants (key, access_token, access_expires_at, refresh_token, refresh_expires_at, astra_user_id, version, state, refreshed_at, attempted_at, lease_owner, lease_until) VALUES ('customer-2', 'access-1', 1799380800.0, 'refresh-1', 1800237600.0, 'usr_2', 1799373600001, 'active', 1799373600.0, 0.0, 'left behind', 1795663011.81769);
INSERT INTO astra_grants (key, access_token, access_expires_at, refresh_token, refresh_expires_at, astra_user_id, version, state, refreshed_at, attempted_at, lease_owner, lease_until) VALUES ('gone', 'access-4', 1798279200.0, 'refresh-4', 1799136000.0, 'usr_4', 1798272000004, 'dead', 1798272000.0, 0.0, NULL, 0.0);
INSERT INTO astra_grants (key, access_token, access_expires_at, refresh_token, refresh_expires_at, astra_user_id, version, state, refreshed_at, attempted_at, lease_owner, lease_until) VALUES ('nameless', 'access-3', 1799488800.0, 'refresh-3', 1800345600.0, NULL, 1799481600003, 'active', 1799481600.0, 0.0, NULL, 0.0);
