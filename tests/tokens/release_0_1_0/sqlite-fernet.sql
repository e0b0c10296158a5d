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
INSERT INTO "astra_grants" VALUES('customer-1','gAAAAABrB6R_j0m3X1oSAWPMLiNr7w-fZZZGe-pG6bqd9lw8Ic8ye5EIsscURJafwViEQKHYz9fHvP-qFC19pcBhOO8vghICuA==',1799488800.0,'gAAAAABrB6R_kethmC0uOpgo5vVkmpbx9nlsfjF6ebhz9D7owBBK8Ls_PN_H_eXGNi2ReYo0mciJvyPA7i-_5X-VqG4x5nBqKQ==',1800345600.0,'usr_1',1799481600000,'active',1799481600.0,0.0,NULL,0.0);
INSERT INTO "astra_grants" VALUES('customer-2','gAAAAABrB6R_ljSAwyDuLLMbgjUgSlAIG_Hms_N6YwepIo2qU_UH37uddEZK8_DdXBrR3wZmvvTST2VE5tvaQIz4c5PlytzMAQ==',1799380800.0,'gAAAAABrB6R_NUBoFOz96JrWnQTs7IvYHoemXy6Qsxn3koHUG7hZ5gx7wro8N3bHbR7YvHFbb_vvR45-QB__sgKzAJIlTAiEwA==',1800237600.0,'usr_2',1799373600001,'active',1799373600.0,0.0,'left behind',1.7956630050634393692e+09);
INSERT INTO "astra_grants" VALUES('Größe ''x''','gAAAAABrB6R_BcUHT__8Z2QYzhNXC3KmPhfbgCqzXUx_IvmbJO9JKcS6bV43F2--bFzvtH6xDEJBbPZ2PX52VWmbrvgXb77X1w==',1799920800.0,'gAAAAABrB6R_zOVfAUDsNXGPAFIfua_mDHvVk4UZOETbDQHFOtgBMxr4DagtuEx5TcED7T7gV_JgS29dCl2TtVHx9rDtED5UOw==',1800777600.0,'usr_3',1799913600002,'active',1799913600.0,0.0,NULL,0.0);
INSERT INTO "astra_grants" VALUES('nameless','gAAAAABrB6R_wTbIlMLHC1L7lb0V8vesf79Y16bhTwJpnauXsjoZvlF-Z3wjzibI6YVffoUpDfg88rd4FLQjY6iVlvHo-aXAlA==',1799488800.0,'gAAAAABrB6R_IROycVWJTlv96bhvxMYlrqwZ7FhM_R7zVDARsabhT41PXQiIC6l4nFkGZ3FMtY8HDU6zWnmx0ARdsK1SaeQVzw==',1800345600.0,NULL,1799481600003,'active',1799481600.0,0.0,NULL,0.0);
INSERT INTO "astra_grants" VALUES('gone','gAAAAABrB6R_lQp8LX5Kll9kmT8LbUW65b_WErm64cBCwOsUr-cRTz91TEPBZ1k_qk3zblpcSZ3DpGFk4i-9LtHgsNrwzbjD4g==',1798279200.0,'gAAAAABrB6R_XglZj_io8-psu0wOsu-gMhSZtg7oJY99W1B7uGgaC-4bZriTQ4Ai_BszT96Na-MI4MjtCsS_KMEiSbfSsttWhQ==',1799136000.0,'usr_4',1798272000004,'dead',1798272000.0,0.0,NULL,0.0);
CREATE TABLE astra_meta (name TEXT PRIMARY KEY, value TEXT NOT NULL);
INSERT INTO "astra_meta" VALUES('tokens_schema','1');
CREATE INDEX astra_grants_user ON astra_grants (astra_user_id);
CREATE INDEX astra_grants_due ON astra_grants (state, refreshed_at);
COMMIT;
