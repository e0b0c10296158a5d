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
INSERT INTO astra_grants (key, access_token, access_expires_at, refresh_token, refresh_expires_at, astra_user_id, version, state, refreshed_at, attempted_at, lease_owner, lease_until) VALUES ('Größe ''x''', 'gAAAAABrB6SGlnPp9ahicCf7tdH2XWZUukWOxonwF4CoQOhkswIwzAznK9o00nOqbCfto2bvn3xn6eQ00qNXBbC5Ec1goIrX2w==', 1799920800.0, 'gAAAAABrB6SG2UFC5Q1xAV79bPmkG6dE7UMqSHkziog_7vIWoS7Yexa1NdNQ96ycwHAr0rDoe6qhzbhhzynWDKEgohHPbJh6_Q==', 1800777600.0, 'usr_3', 1799913600002, 'active', 1799913600.0, 0.0, NULL, 0.0);
INSERT INTO astra_grants (key, access_token, access_expires_at, refresh_token, refresh_expires_at, astra_user_id, version, state, refreshed_at, attempted_at, lease_owner, lease_until) VALUES ('customer-1', 'gAAAAABrB6SGHHYMcTnvKRMUOrzbEs4fzLi9Khx_8ku8bLpJWkmHNCNgmorvHVpmvHPMDyja_dOyzIRFK2zeKNQOg_oJKcjZPg==', 1799488800.0, 'gAAAAABrB6SGVFq9yCO091SbbvJrmrfaytSGWTfahjQd6jP3rgseXmLe1mSffP7sZeQbq9kAc3kfh8XjquIt4EdgWqtDt75VXg==', 1800345600.0, 'usr_1', 1799481600000, 'active', 1799481600.0, 0.0, NULL, 0.0);
INSERT INTO astra_grants (key, access_token, access_expires_at, refresh_token, refresh_expires_at, astra_user_id, version, state, refreshed_at, attempted_at, lease_owner, lease_until) VALUES ('customer-2', 'gAAAAABrB6SGlz144gmv75fTF_MR3MW4fFGb6zRR2SzdtVzy_-tAJ-Ha4dldUdLab0D-FOGvgxCrqhz9-J0FdVGyf80LaGshXg==', 1799380800.0, 'gAAAAABrB6SGro2e2w7YYyRxgXGY__-wo8xbjsdB23C0Pyd6PrLSiC9bbik1boF6uKHwRpIAhaa0Ad3Eb7GQV_ZICNtHW3Y8wQ==', 1800237600.0, 'usr_2', 1799373600001, 'active', 1799373600.0, 0.0, 'left behind', 1795663012.536246);
INSERT INTO astra_grants (key, access_token, access_expires_at, refresh_token, refresh_expires_at, astra_user_id, version, state, refreshed_at, attempted_at, lease_owner, lease_until) VALUES ('gone', 'gAAAAABrB6SG_R8TJUhYqN5zL0Jomld9STzurd0ImWWcGbe2AENRFfeeXncSvDDxI7kHV8j38R7p31jA_S2LaA_OuaTZn1F6lg==', 1798279200.0, 'gAAAAABrB6SGogIVQIm9FMwdSUNLhbIoLJFq_mkzPzKCTKu2ZnsFg8c7pZVhqSFWOm6-zqf-jw_7jKcuUxjKSnyOR4xurcUwDA==', 1799136000.0, 'usr_4', 1798272000004, 'dead', 1798272000.0, 0.0, NULL, 0.0);
INSERT INTO astra_grants (key, access_token, access_expires_at, refresh_token, refresh_expires_at, astra_user_id, version, state, refreshed_at, attempted_at, lease_owner, lease_until) VALUES ('nameless', 'gAAAAABrB6SGPZShTCBhDOTHRMiPQDmhCcp_vxQ7Ycwrx4m9wtI5VWZGv1uZuSjHz8ruxMLupYFhugv63LmoHsV-Oxj-Wg6LMg==', 1799488800.0, 'gAAAAABrB6SGItoLwZzKMCsQCfWdp7fiGiijM-iY9utHkehSc0n4MLAwUj-_MsDW5IA5VCZ-6le5hZfIxJaiw_1eBR3g6t6qDg==', 1800345600.0, NULL, 1799481600003, 'active', 1799481600.0, 0.0, NULL, 0.0);
