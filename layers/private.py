"""Persons kept out: which fields name one, which texts hold an identity or telephone number, which owners are no body of people."""

from __future__ import annotations

import re
import unicodedata

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from layers.texts import asked, matching

_NAMES = """
    zjh zjhm zjzl zjlx qlr qlrmc qlrxm qlrzjh qlrdh qlrdz qlrzjhm qlrzjzl sfz sfzh sfzhm sfzjh sfzjhm gmsfhm xm qlrxingming
    xingming dh dhhm dhhm1 lxdh lxfs lxrdh lxr lxrxm sjh sjhm sj_hm yddh gddh hzxm hzmc hz_xm hzsfz hzsfzh hzdh hzzjh cbfmc
    cbfdbmc cbfzjhm cbfdz cyxm cyzjhm frxm frmc frdh fddbr fddbrxm fddbrdh fddbrzjh dlr dlrxm dlrdh dlrzjh txdz jtzz jtdz zzdz
    hjdz hjszd email e_mail mail tel telephone phone phonenumber mobile mobilephone cellphone cell fax wechat qq idcard id_card
    idcardno id_no idno idnumber id_number identity identitycard cardno ssn passport ownername holder_name holdername person
    personname contact contactname contacts firstname lastname first_name last_name full_name fullname surname householder
    tuqlr sqr sqrxm sqrdh syqr syqrmc tdsyz tdsyzmc 权利人 权利人名称 权利人姓名 使用权人 土地使用权人 土地使用者 承包方
    承包方名称 承包方代表 承包人 申请人 代理人 联系人 户主 姓名 名字 法定代表人 法人 负责人 负责人姓名 村支书 村主任 通讯地址
    家庭住址 家庭地址 住址 户籍地址 邮箱 电子邮箱 微信 微信号 手机 电话 传真 证件号 证件
"""
_FIELDS = frozenset(_NAMES.split())
"""Fields that name a person or lead to one, folded."""

_WORDS = re.compile(
    r"身份证|身份号|证件(?:号|种类|类型|编号)|电话|手机|联系方式|联系人|姓名|户主|(?:权利|使用权|承包|申请|代理|法定代表|抵押)人(?:名称|名|证|地址|$)"
    r"|法人代表|代表人|住址|通讯地址|家庭地址|家庭成员|银行(?:卡|账)号|phone|mobile|telephone|id_?card|e-?mail|passport|contact:"
)

_ID_NUMBER = re.compile(r"(?<![0-9A-Za-z])[1-9]\d{5}(?:(?:18|19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx]"
                        r"|\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3})(?![0-9A-Za-z])")
"""Numbers of identity cards: 18 characters with a date of birth, or the old 15."""

_TELEPHONE = re.compile(r"(?<![0-9A-Za-z.])(?:(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}|0\d{2,3}[- ]\d{7,8})(?![0-9A-Za-z])")

MASK = "***"

_BODY = re.compile(
    r"[村组社屯寨庄堡镇乡县市区州省旗盟国]|集体|委员会|公司|企业|工厂|[厂场局所院站校园店行部队处会库矿馆中心寺庙堂]$|街道|居委|政府|机关|单位|农业|林业|"
    r"unknown|public|city|town|village|county|state|committee|cooperative|ltd|llc|inc|trust|church|school|depart|district|compan|associat|\d",
    re.IGNORECASE,
)
"""What the name of a body of people says; a name without any of it may be a person's."""


def is_private(field: object) -> bool:
    """Whether a field names a person (holder, identity number, telephone) or leads to one.

    Examples
    --------
    >>> is_private("qlrmc"), is_private("联系电话1"), is_private("QLLX"), is_private("权利人类型"), is_private("项目名称")
    (True, True, False, False, False)
    """
    name = re.sub(r"\s", "", unicodedata.normalize("NFKC", str(field))).strip("'\"[]").casefold()
    return name in _FIELDS or name.rstrip("0123456789_") in _FIELDS or bool(_WORDS.search(name))


def masked(text: str) -> str:
    """A text with every identity and telephone number in it replaced by ``***``.

    Examples
    --------
    >>> masked("与张某(13900000000)有纠纷")
    '与张某(***)有纠纷'
    """
    return _TELEPHONE.sub(MASK, _ID_NUMBER.sub(MASK, text))


def mask_column(values: pd.Series) -> tuple[pd.Series, pd.Series]:
    """A text column with its identity and telephone numbers masked, and which rows held one.

    Parameters
    ----------
    values : Series
        Texts; missing ones stay missing.
    """
    suspect = pd.Series(matching(values, r"\p{Nd}{7}|\p{Nd}{3}[- ]\p{Nd}{4}"), index=values.index)
    if not suspect.any():
        return values, suspect
    clean = values[suspect].map(masked)
    hit = pd.Series(False, index=values.index)
    hit[suspect] = (clean != values[suspect]).to_numpy()
    return values.where(~hit, clean.reindex(values.index).astype(values.dtype)), hit


def mask_codes(values: pd.Series) -> tuple[pd.Series, pd.Series]:
    """A column of codes without those that are identity numbers (date of birth and check digit right), and which rows held one.

    Examples
    --------
    >>> mask_codes(pd.Series(["11010519491231002X", "610323211000000001"]))[0].fillna("?").tolist()
    ['?', '610323211000000001']
    """
    hit = pd.Series(asked(values, _like_ids), index=values.index)
    if hit.any():
        hit[hit] = [bool(_ID_NUMBER.fullmatch(code)) and _CHECK_DIGITS[_rest(code)] == code[17].upper() for code in values[hit]]
    return (values.mask(hit, np.nan).astype("str") if hit.any() else values), hit


_LIKE_ID = r"^[1-9]\p{Nd}{5}(?:18|19|20)\p{Nd}{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\p{Nd}|3[01])\p{Nd}{3}[\p{Nd}Xx]$"
"""`_ID_NUMBER` of eighteen characters for RE2, which looks at a whole column at once."""

_ID_LENGTH = 18


def _like_ids(texts: pa.Array) -> pa.Array:
    """Which texts look like identity numbers; that none is as long is much the quicker question."""
    length = pc.binary_length(texts)
    wide = pc.and_(pc.greater(length, _ID_LENGTH), pc.invert(pc.string_is_ascii(texts)))
    long_enough = pc.or_(pc.equal(length, _ID_LENGTH), wide)
    if not pc.any(long_enough).as_py():
        return long_enough
    return pc.match_substring_regex(texts, _LIKE_ID)


_CHECK_DIGITS = "10X98765432"
_CHECK_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def _rest(code: str) -> int:
    """GB 11643-1999: weighted sum of the first 17 digits, modulo 11."""
    return sum(int(digit) * weight for digit, weight in zip(code[:17], _CHECK_WEIGHTS, strict=True)) % 11


def bodies_only(names: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Names of owners that are bodies of people (a village, a group, a firm); the others are missing, and marked in the mask.

    Examples
    --------
    >>> bodies_only(pd.Series(["青石村农民集体", "张某某"]))[0].fillna("?").tolist()
    ['青石村农民集体', '?']
    """
    person = names.isin([name for name in names.dropna().unique() if not _BODY.search(name)])
    return names.mask(person, np.nan).astype("str"), person
