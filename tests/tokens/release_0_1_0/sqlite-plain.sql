BEGIN TRANSACTION;
CREATE TABLE astra_grants (
    key TEXT PRIMARY KEY,
    access_token TEXT NOT NULL,
    access_expires_at REAL NOT NULL,
    refresh_token TEXT NOT NULL,
    refresh_expires_at REAL NOT NULL,
    astra_user_id TEXT,
    version INTEGER NOT NULL,
    state TEXT NOT NULL,
    refreshed_at REAL NOT NULL,
    attempted_at REAL NOT NULL DEFAULT 0,
    lease_owner TEXT,
    lease_until REAL NOT NULL DEFAULT 0
);
INSERT INTO "astra_grants" VALUES('customer-1','access-0',1799488800.0,'refresh-0',1800345600.0,'usr_1',1799481600000,'active',1799481600.0,0.0,NULL,0.0);
INSERT INTO "astra_grants" VALUES('customer-2','access-1',1799380800.0,'refresh-1',1800237600.0,'usr_2',1799373600001,'active',1799373600.0,0.0,'left behind',1.7956630050110940933e+09);
INSERT INTO "astra_grants" VALUES('Größe ''x''','access-2',1799920800.0,'refresh-2',1800777600.0,'usr_3',1799913600002,'active',1799913600.0,0.0,NULL,0.0);
INSERT INTO "astra_grants" VALUES('nameless','access-3',1799488800.0,'refresh-3',1800345600.0,NULL,1799481600003,'active',1799481600.0,0.0,NULL,0.0);
INSERT INTO "astra_grants" VALUES('gone','access-4',1798279200.0,'refresh-4',1799136000.0,'usr_4',1798272000004,'dead',1798272000.0,0.0,NULL,0.0);
CREATE TABLE astra_meta (name TEXT PRIMARY KEY, value TEXT NOT NULL);
INSERT INTO "astra_meta" VALUES('tokens_schema','1');
CREATE INDEX astra_grants_user ON astra_grants (astra_user_id);
CREATE INDEX astra_grants_due ON astra_grants (state, refreshed_at);
COMMIT;
